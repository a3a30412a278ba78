import { useRef, useState, type ReactElement } from 'react';

import { FormView, type FormHandle } from '../forms/renderer';
import type { JsonObject } from '../kernel';
import { api, uploadFile } from '../shared/api/client';
import { useActionKey } from './action';
import { clockTime } from './dates';
import { useFormContext } from './FormData';
import { useCaseText } from './language';
import { problemOf, ProblemNotice } from './problem';
import type { SaveState } from './saver';
import type { CompletedTask, TaskDetail } from './types';
import { useTaskDraft } from './useTaskDraft';

function Saved({ state }: { state: SaveState }): ReactElement {
  const { t } = useCaseText();
  let text = '';
  if (state.kind === 'saving') text = t('answer.saving');
  else if (state.kind === 'saved') text = t('answer.saved', { time: clockTime(state.at) });
  else if (state.kind === 'failed') text = t('answer.saveFailed');
  return <p className="lb-faint" role="status">{text}</p>;
}

interface AnswerFormProps {
  detail: TaskDetail;
  /** Where the task is answered: `/tasks/…`, or the window's way to it. */
  at: string;
  /** What goes along with the answer; null: something is missing, and the page says what. */
  along?: () => JsonObject | null;
  onDone: (answer: CompletedTask) => void;
}

/** An applicant's answer to a task: the form with its buttons, for the applicant in the portal and for the clerk at the window. */
export function AnswerForm({ detail, at, along, onDone }: AnswerFormProps): ReactElement {
  const { t, pick } = useCaseText();
  const { state, keep, handIn } = useTaskDraft(at);
  const context = useFormContext();
  const handle = useRef<FormHandle>(null);
  const { keyOf, answered } = useActionKey();
  const [data, setData] = useState<JsonObject>(() => detail.data as JsonObject);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const actions = detail.actions.length > 0 ? detail.actions : [{ value: '', name: t('answer.submit'), nameEn: t('answer.submit'), primary: true, danger: false }];
  const change = (next: JsonObject): void => {
    setData(next);
    keep(next);
  };
  const send = (action: string): void => {
    const accepted = detail.form ? handle.current?.submit(action) : {};
    const more = along ? along() : {};
    if (!accepted || !more) return;
    const body = { action, data: accepted, version: detail.task.version, ...more };
    setBusy(true);
    setError(null);
    handIn(() => api.post<CompletedTask>(`${at}/complete`, body, { idempotencyKey: keyOf(body) }))
      .then(onDone, (failure: unknown) => {
        const problem = problemOf(failure);
        if (problem && problem.status >= 400 && problem.status < 500) answered();
        setError(failure);
      })
      .finally(() => setBusy(false));
  };
  const problem = problemOf(error);
  const inFields = (problem?.document.errors ?? []).some((entry) => entry.pointer.startsWith('/data/'));
  return (
    <>
      {error && !inFields ? <ProblemNotice error={error} /> : null}
      {detail.form ? (
        <FormView
          schema={detail.form.schema} data={data} context={{ ...(detail.context as JsonObject), ...context }} onChange={change}
          handle={handle} errors={problem?.document.errors} upload={uploadFile}
        />
      ) : null}
      <div className="lb-answer-actions">
        {actions.map((action) => (
          <button
            key={action.value} type="button" className="lb-button" data-kind={action.danger ? 'danger' : action.primary || actions.length === 1 ? 'primary' : 'plain'}
            disabled={busy} aria-busy={busy || undefined} onClick={() => send(action.value)}
          >
            {pick(action.name, action.nameEn)}
          </button>
        ))}
      </div>
      <Saved state={state} />
    </>
  );
}
