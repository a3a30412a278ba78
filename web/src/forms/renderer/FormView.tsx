import './forms.css';

import { type ReactNode, type Ref, useCallback, useEffect, useId, useImperativeHandle, useMemo, useRef, useState } from 'react';

import { useLanguage } from '../../i18n';
import { useFormsText } from '../../i18n/forms';
import {
  FormBroken, type FieldError, type FormResult, type FormSchema, type FormState, type Json, type JsonObject, reviewForm,
} from '../../kernel';
import type { ProblemError } from '../../shared/api/client';
import { messageOf } from '../messages';
import { Components } from './Components';
import { ReadComponents } from './ReadView';
import { FormContext, type FormAccess, type StoredFile } from './context';
import { componentAt, labelOf, rowName, valueAt, withValue } from './data';

/** What a page can ask of a form whose buttons are elsewhere. */
export interface FormHandle {
  /** The data to send, or undefined after showing what is wrong. `action` is a variable of the form's conditions. */
  submit: (action?: string) => JsonObject | undefined;
}

export interface FormViewProps {
  schema: FormSchema;
  /** Typed so far; the form never keeps a copy. */
  data: JsonObject;
  /** Variables of the form's expressions; `now` is the server's clock. */
  context: JsonObject & { now: string };
  onChange?: (data: JsonObject) => void;
  /** Called with the accepted data by the form's own button; without it the form has none (see `handle`). */
  onSubmit?: (data: JsonObject) => void;
  submitLabel?: string;
  handle?: Ref<FormHandle>;
  /** Only shows the values. */
  readOnly?: boolean;
  /** Shows personal values whole in read-only mode; the server has masked what may not be seen. */
  whole?: boolean;
  /** Errors of a problem document; pointers may begin with `/data`. */
  errors?: readonly ProblemError[] | undefined;
  upload?: (file: File) => Promise<StoredFile>;
  /** More than one column where there is room (staff). */
  dense?: boolean;
}

interface Shown {
  path: string;
  text: string;
}

type Outcome = { state: FormState; result: FormResult } | { broken: FormBroken };

function run(schema: FormSchema, data: Json, context: JsonObject): Outcome {
  try {
    return reviewForm(schema, data, context);
  } catch (error) {
    if (error instanceof FormBroken) return { broken: error };
    throw error;
  }
}

function useServerErrors(errors: readonly ProblemError[] | undefined, data: JsonObject): Shown[] {
  const { locale } = useLanguage();
  // An error of the server is about the value that was sent: it goes when the value changes.
  const [sent, setSent] = useState<{ errors: readonly ProblemError[] | undefined; data: JsonObject }>({ errors, data });
  if (sent.errors !== errors) setSent({ errors, data });
  return (sent.errors ?? []).flatMap((error) => {
    const path = error.pointer.replace(/^\/data(?=\/|$)/, '');
    const changed = JSON.stringify(valueAt(sent.data, path) ?? null) !== JSON.stringify(valueAt(data, path) ?? null);
    return changed ? [] : [{ path, text: locale === 'en' ? error.messageEn : error.message }];
  });
}

/** The one way a form is shown: fields alive by the kernel, errors tied to them, a summary that takes the focus. */
export function FormView(props: FormViewProps): ReactNode {
  const { schema, data, context, onChange, onSubmit, submitLabel, handle, readOnly, whole, errors, upload, dense } = props;
  const t = useFormsText();
  const { locale } = useLanguage();
  const prefix = useId();
  const summary = useRef<HTMLDivElement>(null);
  const latest = useRef(data);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<string>();
  const [turn, setTurn] = useState(0);
  const [said, setSaid] = useState('');

  useEffect(() => {
    latest.current = data;
  }, [data]);
  const variables = useMemo(() => (asked ? { ...context, action: asked } : context), [context, asked]);
  const outcome = useMemo(() => run(schema, data, variables), [schema, data, variables]);
  const server = useServerErrors(errors, data);
  useEffect(() => {
    if (turn > 0 || (errors && errors.length > 0)) summary.current?.focus();
  }, [turn, errors]);

  const change = useCallback(
    (pointer: string, value: Json | undefined) => {
      latest.current = withValue(latest.current, pointer, value);
      onChange?.(latest.current);
    },
    [onChange],
  );
  const touch = useCallback((pointer: string) => setTouched((before) => (before.has(pointer) ? before : new Set([...before, pointer]))), []);
  const submit = (action = ''): JsonObject | undefined => {
    const answer = run(schema, data, action ? { ...context, action } : context);
    if ('broken' in answer) return undefined;
    if (answer.result.errors.length === 0) return answer.result.data;
    setAsked(action);
    setTurn((before) => before + 1);
    return undefined;
  };
  useImperativeHandle(handle, () => ({ submit }));

  if ('broken' in outcome) {
    return (
      <div className="lb-notice" data-tone="bad" role="alert">
        <p className="lb-notice-title">{t('broken')}</p>
        <p>{t('broken.next', { component: outcome.broken.component })}</p>
      </div>
    );
  }
  const { state, result } = outcome;
  if (readOnly) {
    return (
      <div className="lb-form" data-read="true">
        <ReadComponents components={schema.components} data={state.data} state={state} path="" whole={whole ?? false} />
      </div>
    );
  }
  const due = (error: FieldError): boolean => asked !== undefined || (!error.code.startsWith('required') && touched.has(error.path));
  const shown: Shown[] = result.errors.filter(due).map(({ path, code, params }) => ({ path, text: messageOf(code, params, locale) }));
  for (const error of server) if (!shown.some((other) => other.path === error.path)) shown.push(error);
  const access: FormAccess = {
    data,
    locale,
    t,
    stateOf: (pointer) => state.fields[pointer] ?? { visible: true, required: false, readonly: false },
    errorAt: (pointer) => shown.find((error) => error.path === pointer)?.text,
    idOf: (pointer) => `${prefix}${pointer.replace(/[^\w]/g, '-')}`,
    change,
    touch,
    announce: setSaid,
    upload,
  };
  const listed = asked !== undefined || server.length > 0 ? shown : [];
  return (
    <FormContext value={access}>
      <form
        className="lb-form"
        data-dense={dense ?? false}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const accepted = submit();
          if (accepted) onSubmit?.(accepted);
        }}
      >
        {listed.length > 0 ? <Summary ref={summary} errors={listed} schema={schema} idOf={access.idOf} /> : null}
        <div className="lb-form-grid">
          <Components components={schema.components} path="" />
        </div>
        <p className="lb-visually-hidden" role="status">
          {said}
        </p>
        {onSubmit ? (
          <button type="submit" className="lb-button" data-kind="primary">
            {submitLabel ?? t('submit')}
          </button>
        ) : null}
      </form>
    </FormContext>
  );
}

function Summary({ ref, errors, schema, idOf }: { ref: Ref<HTMLDivElement>; errors: readonly Shown[]; schema: FormSchema; idOf: (pointer: string) => string }): ReactNode {
  const t = useFormsText();
  const { locale } = useLanguage();
  const heading = errors.length === 1 ? t('summary.one') : t('summary.many', { n: errors.length });
  const nameOf = (path: string): string => {
    const component = componentAt(schema, path);
    const row = /^(.*?)\/(\d+)(?=\/|$)/.exec(path);
    const place = row ? `${rowName(componentAt(schema, row[1] ?? ''), Number(row[2]), locale, t)} · ` : '';
    return component ? `${place}${labelOf(component, locale)}` : path;
  };
  const go = (path: string): void => {
    const id = idOf(path);
    const target = document.getElementById(id);
    const control = target?.matches('fieldset') ? target.querySelector<HTMLElement>('input, select, textarea, button') : target;
    (control ?? target)?.focus();
    (control ?? target)?.scrollIntoView({ block: 'center' });
  };
  return (
    <div ref={ref} className="lb-form-summary" role="alert" tabIndex={-1}>
      <h2>{heading}</h2>
      <ul>
        {errors.map((error) => (
          <li key={error.path + error.text}>
            <a
              href={`#${idOf(error.path)}`}
              onClick={(event) => {
                event.preventDefault();
                go(error.path);
              }}
            >
              {nameOf(error.path)}{locale === 'zh' ? '：' : ': '}{error.text}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
