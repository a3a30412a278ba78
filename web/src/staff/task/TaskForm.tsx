import { Button } from 'antd';
import { useCallback, useEffect, useRef, useState, type ReactElement, type RefObject } from 'react';
import { Link } from 'react-router';

import { useActionKey } from '../../case/action';
import { clockTime } from '../../case/dates';
import { useFormContext } from '../../case/FormData';
import { problemOf, ProblemNotice } from '../../case/problem';
import type { SaveState } from '../../case/saver';
import type { CompletedTask, TaskAction, TaskDetail } from '../../case/types';
import { type TaskDraft, useTaskDraft } from '../../case/useTaskDraft';
import { FormView, type FormHandle } from '../../forms/renderer';
import type { JsonObject } from '../../kernel';
import { api, uploadFile } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { useSession } from '../../shared/session';
import { Notice } from '../../shared/states';
import { useCounts } from '../counts';
import { useStaffText } from '../text';

interface TaskFormProps {
  detail: TaskDetail;
  /** What is typed, kept by the page so that loading the task again does not lose it. */
  data: JsonObject;
  onData: (data: JsonObject) => void;
  onDone: (action: TaskAction, answer: CompletedTask) => void;
  onReload: () => void;
}

/** Somebody must have claimed the task before anything is typed, so that two people do not fill in the same one. */
function editable(detail: TaskDetail): boolean {
  return detail.mayComplete && !detail.mayClaim;
}

function SaveNote({ state }: { state: SaveState }): ReactElement {
  const { t } = useStaffText();
  let text = '';
  if (state.kind === 'saving') text = t('task.saving');
  else if (state.kind === 'saved') text = t('task.saved', { time: clockTime(state.at) });
  else if (state.kind === 'failed') text = t('task.saveFailed');
  return <span className="lb-faint" role="status">{text}</span>;
}

function Conflict({ error, detail, onReload }: { error: unknown; detail: TaskDetail; onReload: () => void }): ReactElement {
  const { t } = useStaffText();
  return (
    <>
      <ProblemNotice error={error} />
      <Notice tone="warn" title={t('task.conflictTitle')}>
        <p>{t('task.conflictNext')}</p>
        <p className="lb-row">
          <Button size="small" onClick={onReload}>{t('task.reloadKeep')}</Button>
          <Link to={`/cases/${encodeURIComponent(detail.task.caseNo)}`}>{t('task.openCase')}</Link>
        </p>
      </Notice>
    </>
  );
}

/** A delegation ended while the page was open: nothing was submitted; what is one's own is at hand again. */
function DelegationOver({ error }: { error: unknown }): ReactElement {
  const { t } = useStaffText();
  const { refresh } = useSession();
  const { refresh: count } = useCounts();
  useEffect(() => {
    void refresh();
    count();
  }, [refresh, count]);
  return (
    <>
      <ProblemNotice error={error} />
      <p><Link className="lb-button" data-kind="primary" to="/">{t('task.toOwn')}</Link></p>
    </>
  );
}

function Confirm({ action, busy, onSend, onClose }: { action: TaskAction; busy: boolean; onSend: () => void; onClose: () => void }): ReactElement {
  const { t, pick } = useStaffText();
  const name = pick(action.name, action.nameEn);
  return (
    <Dialog
      title={t('task.confirmTitle', { action: name })} okText={name} cancelText={t('cancel')} onOk={onSend} onCancel={onClose} confirmLoading={busy}
      okButtonProps={{ danger: true }} cancelButtonProps={{ autoFocus: true }} width={440}
    >
      <p>{t('task.confirmText', { action: name })}</p>
    </Dialog>
  );
}

interface Sending {
  busy: boolean;
  error: unknown;
  send: (action: TaskAction, accepted: JsonObject) => void;
}

function useSending(detail: TaskDetail, onDone: TaskFormProps['onDone'], handIn: TaskDraft['handIn']): Sending {
  const { keyOf, answered } = useActionKey();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = (action: TaskAction, accepted: JsonObject): void => {
    const body = { action: action.value, data: accepted, version: detail.task.version };
    setBusy(true);
    setError(null);
    handIn(() => api.post<CompletedTask>(`/tasks/${encodeURIComponent(detail.task.id)}/complete`, body, { idempotencyKey: keyOf(body) })).then(
      (answer) => onDone(action, answer),
      (failure: unknown) => {
        const problem = problemOf(failure);
        if (problem && problem.status >= 400 && problem.status < 500) answered();
        setError(failure);
      },
    ).finally(() => setBusy(false));
  };
  return { busy, error, send };
}

function Form({ detail, data, handle, errors, onChange }: {
  detail: TaskDetail; data: JsonObject; handle: RefObject<FormHandle | null>; errors: unknown; onChange: (data: JsonObject) => void;
}): ReactElement {
  const { t } = useStaffText();
  const context = useFormContext();
  if (!detail.form) return <p className="lb-none">{t('task.noForm')}</p>;
  return (
    <FormView
      schema={detail.form.schema} data={data} context={{ ...(detail.context as JsonObject), ...context }} handle={handle}
      errors={problemOf(errors)?.document.errors} upload={uploadFile} onChange={onChange} readOnly={!editable(detail)} whole dense
    />
  );
}

/** The form of a task with its actions; the input survives every failure. */
export function TaskForm({ detail, data, onData, onDone, onReload }: TaskFormProps): ReactElement {
  const { pick } = useStaffText();
  const handle = useRef<FormHandle>(null);
  const { state, keep, handIn } = useTaskDraft(`/tasks/${encodeURIComponent(detail.task.id)}`);
  const { busy, error, send } = useSending(detail, onDone, handIn);
  const [confirming, setConfirming] = useState<{ action: TaskAction; accepted: JsonObject } | null>(null);
  const change = useCallback((next: JsonObject) => {
    onData(next);
    keep(next);
  }, [onData, keep]);
  const press = (action: TaskAction): void => {
    const accepted = detail.form ? handle.current?.submit(action.value) : {};
    if (!accepted) return;
    if (action.danger) setConfirming({ action, accepted });
    else send(action, accepted);
  };
  const problem = problemOf(error);
  const conflict = problem?.status === 409;
  const inFields = (problem?.document.errors ?? []).some((entry) => entry.pointer.startsWith('/data/'));
  return (
    <section className="s-block s-task-form">
      {error && !inFields ? (
        conflict ? <Conflict error={error} detail={detail} onReload={onReload} />
          : problem?.code === 'delegation-ended' ? <DelegationOver error={error} />
            : <ProblemNotice error={error} />
      ) : null}
      <Form detail={detail} data={data} handle={handle} errors={error} onChange={change} />
      {editable(detail) ? (
        <div className="s-actions">
          {detail.actions.map((action) => (
            <Button
              key={action.value} type={action.primary ? 'primary' : 'default'} danger={action.danger} disabled={busy} onClick={() => press(action)}
            >
              {pick(action.name, action.nameEn)}
            </Button>
          ))}
          <SaveNote state={state} />
        </div>
      ) : null}
      {confirming ? (
        <Confirm
          action={confirming.action} busy={busy} onClose={() => setConfirming(null)}
          onSend={() => { const { action, accepted } = confirming; setConfirming(null); send(action, accepted); }}
        />
      ) : null}
    </section>
  );
}
