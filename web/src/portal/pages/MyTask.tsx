import { useRef, useState, type ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { useActionKey } from '../../case/action';
import { longDueDay } from '../../case/dates';
import { useFormContext } from '../../case/FormData';
import { Notices } from '../../case/Notices';
import { problemOf, ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import type { CompletedTask, TaskDetail } from '../../case/types';
import { useTaskDraft } from '../../case/useTaskDraft';
import { FormView, type FormHandle } from '../../forms/renderer';
import type { JsonObject } from '../../kernel';
import { api, uploadFile } from '../../shared/api/client';
import { Loading, Notice } from '../../shared/states';
import { SaveNote } from '../SaveNote';
import { usePortalText } from '../text';
import { Button, LinkButton, PageTitle, Section } from '../ui';

interface TaskFormProps {
  detail: TaskDetail;
  onDone: () => void;
}

function TaskForm({ detail, onDone }: TaskFormProps): ReactElement {
  const { t, pick } = usePortalText();
  const { state, keep, handIn } = useTaskDraft(detail.task.id);
  const context = useFormContext();
  const handle = useRef<FormHandle>(null);
  const { keyOf, answered } = useActionKey();
  const [data, setData] = useState<JsonObject>(() => detail.data as JsonObject);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const actions = detail.actions.length > 0 ? detail.actions : [{ value: '', name: t('task.submit'), nameEn: t('task.submit'), primary: true, danger: false }];
  const change = (next: JsonObject): void => {
    setData(next);
    keep(next);
  };
  const send = (action: string): void => {
    const accepted = detail.form ? handle.current?.submit(action) : {};
    if (!accepted) return;
    const body = { action, data: accepted, version: detail.task.version };
    setBusy(true);
    setError(null);
    handIn(() => api.post<CompletedTask>(`/tasks/${encodeURIComponent(detail.task.id)}/complete`, body, { idempotencyKey: keyOf(body) }))
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
      <div className="p-actions">
        {actions.map((action) => (
          <Button key={action.value} kind={action.danger ? 'danger' : action.primary || actions.length === 1 ? 'primary' : 'plain'} busy={busy} onClick={() => send(action.value)}>
            {pick(action.name, action.nameEn)}
          </Button>
        ))}
      </div>
      <SaveNote state={state} />
    </>
  );
}

/** A task of the applicant, such as supplementing: what is asked, the form, done. */
export function MyTask(): ReactElement {
  const { t, locale } = usePortalText();
  const { caseNo = '', taskId = '' } = useParams();
  const resource = useResource<TaskDetail>(`/tasks/${encodeURIComponent(taskId)}`);
  const [done, setDone] = useState(false);
  const back = `/my/${encodeURIComponent(caseNo)}`;
  const detail = resource.data;
  if (!detail) {
    return resource.error
      ? <><PageTitle>{t('case.tasks')}</PageTitle><ProblemNotice error={resource.error} onRetry={resource.reload} /><Link to={back}>{t('task.back')}</Link></>
      : <Loading rows={10} />;
  }
  if (done) {
    return (
      <>
        <PageTitle>{detail.task.name}</PageTitle>
        <Notice tone="good"><p>{t('task.done')}</p></Notice>
        <div className="p-actions"><LinkButton to={back}>{t('task.back')}</LinkButton></div>
      </>
    );
  }
  const notices = detail.supplement.notices;
  return (
    <>
      <PageTitle lead={detail.task.plainText || detail.task.documentation || undefined}>{detail.task.name}</PageTitle>
      {detail.task.dueAt ? <p><strong>{t('task.due', { date: longDueDay(detail.task.dueAt, locale) })}</strong></p> : null}
      {notices.length > 0 ? <Section title={t('task.notices')}><Notices notices={notices} /></Section> : null}
      {detail.mayComplete
        ? <div className="p-section"><TaskForm key={detail.task.id} detail={detail} onDone={() => setDone(true)} /></div>
        : <Notice tone="info"><p>{detail.why || t('task.closed')}</p></Notice>}
      <p><Link to={back}>{t('task.back')}</Link></p>
    </>
  );
}
