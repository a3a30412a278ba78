import { type ReactNode, type SyntheticEvent, useId } from 'react';

import { useAccountText } from '../../i18n/account';
import { useAttempt } from '../api/useAttempt';
import { ErrorState } from '../states';

export interface AskField {
  name: string;
  label: string;
  autoComplete: string;
  secret?: boolean;
  hint?: string;
}

export interface AskProps {
  heading?: string;
  /** The first field has the focus, as where there is a heading. */
  first?: boolean;
  note?: string;
  fields: readonly AskField[];
  submit?: string;
  onSubmit: (given: Record<string, string>) => Promise<void>;
  onCancel?: () => void;
  cancel?: string;
}

/** A small form of a few secrets; what the server refuses is told in place. */
export function Ask({ heading, first = heading !== undefined, note, fields, submit, onSubmit, onCancel, cancel }: AskProps): ReactNode {
  const t = useAccountText();
  const id = useId();
  const { busy, problem, attempt } = useAttempt();
  const send = async (event: SyntheticEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const given = Object.fromEntries(fields.map(({ name }) => [name, words(data.get(name))]));
    await attempt(async () => {
      await onSubmit(given);
      form.reset();
    });
  };
  return (
    <section className="lb-login" {...(heading ? { 'aria-labelledby': id } : {})}>
      {heading ? <h1 id={id}>{heading}</h1> : null}
      {note ? <p>{note}</p> : null}
      {problem ? <ErrorState problem={problem} /> : null}
      <form onSubmit={(event) => void send(event)}>
        {fields.map((field, index) => (
          <label key={field.name}>
            {field.label}
            <input
              className="lb-input" name={field.name} required autoComplete={field.autoComplete}
              type={field.secret ? 'password' : 'text'} autoFocus={index === 0 && first}
            />
            {field.hint ? <small>{field.hint}</small> : null}
          </label>
        ))}
        <div className="lb-row">
          {fields.length > 0 ? (
            <button className="lb-button" data-kind="primary" type="submit" disabled={busy}>
              {busy ? t('saving') : (submit ?? t('confirm'))}
            </button>
          ) : null}
          {onCancel ? <button className="lb-button" type="button" onClick={onCancel}>{cancel ?? t('cancel')}</button> : null}
        </div>
      </form>
    </section>
  );
}

function words(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}
