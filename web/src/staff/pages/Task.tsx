import { Button } from 'antd';
import { useState, type ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Responsible } from '../../case/Responsible';
import { DueTag, LadderTag } from '../../case/tags';
import type { CaseDetail, CompletedTask, TaskAction, TaskDetail } from '../../case/types';
import { Unmask } from '../../case/Unmask';
import { Watermark } from '../../case/Watermark';
import { WhyThisDay } from '../../case/WhyThisDay';
import type { JsonObject } from '../../kernel';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { Loading, Notice } from '../../shared/states';
import { useCounts } from '../counts';
import { AssignDialog, ReleaseDialog } from '../task/Handover';
import { TaskFacts } from '../task/TaskFacts';
import { TaskForm } from '../task/TaskForm';
import { useStaffText } from '../text';

interface DoneProps {
  detail: TaskDetail;
  action: TaskAction;
  answer: CompletedTask;
}

function Done({ detail, action, answer }: DoneProps): ReactElement {
  const { t, pick } = useStaffText();
  return (
    <>
      <h1>{detail.task.name}</h1>
      <Notice tone="good" title={t('task.done', { action: pick(action.name, action.nameEn) })}>
        {answer.nextTasks.length === 0 ? <p>{t('task.nextNone')}</p> : null}
        {answer.nextTasks.map((next) => (
          <p key={next.id}>
            {next.mayComplete
              ? <Link to={`/tasks/${encodeURIComponent(next.id)}`}>{t('task.nextYours', { name: next.name })}</Link>
              : t('task.nextOthers', { name: next.name })}
          </p>
        ))}
      </Notice>
      <p className="s-actions">
        <Link to="/?view=mine">{t('task.toInbox')}</Link>
        <Link to={`/cases/${encodeURIComponent(answer.caseNo)}`}>{t('task.openCase')}</Link>
      </p>
    </>
  );
}

/** Why this person may not do the task: role, another's task, or the separation of duties with the name of who did the other step. */
function WhyNot({ detail }: { detail: TaskDetail }): ReactElement | null {
  const { t, pick } = useStaffText();
  const why = pick(detail.why, detail.whyEn);
  const done = detail.separation.filter((entry) => entry.by);
  const separated = done.map((entry) => <p key={entry.elementName}>{t('task.separation', { element: entry.elementName, by: entry.by })}</p>);
  if (detail.mayClaim) return <Notice tone="info">{[<p key="claim">{t('task.claimFirst')}</p>, ...separated]}</Notice>;
  if (detail.mayComplete) return separated.length > 0 ? <div className="lb-faint">{separated}</div> : null;
  return <Notice tone="warn" title={t('task.notAllowed')}>{[why ? <p key="why">{why}</p> : null, ...separated]}</Notice>;
}

interface HeadProps {
  detail: TaskDetail;
  onChanged: () => void;
}

function Head({ detail, onChanged }: HeadProps): ReactElement {
  const { t, pick } = useStaffText();
  const { task } = detail;
  const { session } = useSession();
  const [open, setOpen] = useState<'release' | 'assign' | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const claim = (): void => {
    setBusy(true);
    setError(null);
    api.post(`/tasks/${encodeURIComponent(task.id)}/claim`).then(onChanged, (failure: unknown) => { setError(failure); onChanged(); }).finally(() => setBusy(false));
  };
  const mine = task.assigneeId !== null && task.assigneeId === session?.user?.id && detail.mayComplete;
  const done = (): void => { setOpen(null); onChanged(); };
  return (
    <>
      <div className="s-head">
        <h1>{task.name} <span className="s-subject" data-title={task.caseNo}>{task.subject}</span></h1>
        <DueTag due={task.due} dueAt={task.dueAt} />
        {task.dueAt ? <WhyThisDay caseNo={task.caseNo} task={task.id} /> : null}
        {task.ladder ? <LadderTag mark={task.ladder} /> : null}
        <span className="lb-faint">{t('task.opened', { at: moment(task.openedAt) })}</span>
        {task.assigneeName ? <span className="lb-faint">{t('task.assignee', { name: task.assigneeName })}</span> : null}
        <div className="s-head-end">
          {detail.mayClaim ? <Button type="primary" loading={busy} onClick={claim}>{t('task.claim')}</Button> : null}
          {mine ? <Button onClick={() => setOpen('assign')}>{t('task.assign')}</Button> : null}
          {mine ? <Button onClick={() => setOpen('release')}>{t('task.release')}</Button> : null}
          <Link to={`/cases/${encodeURIComponent(task.caseNo)}`}>{t('task.openCase')}</Link>
        </div>
      </div>
      {error ? <ProblemNotice error={error} /> : null}
      {task.policyText ? <p className="lb-faint">{t('task.policy', { text: pick(task.policyText, task.policyTextEn) })}</p> : null}
      {task.documentation ? <p className="s-documentation">{task.documentation}</p> : null}
      {open === 'release' ? <ReleaseDialog taskId={task.id} onDone={done} onClose={() => setOpen(null)} /> : null}
      {open === 'assign' ? <AssignDialog taskId={task.id} onDone={done} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

/** One task: its form at the left, what one must know at the right. */
export function Task(): ReactElement {
  const { id = '' } = useParams();
  return <TaskOf key={id} id={id} />;
}

function TaskOf({ id }: { id: string }): ReactElement {
  const { t } = useStaffText();
  const resource = useResource<TaskDetail>(`/tasks/${encodeURIComponent(id)}`);
  const detail = resource.data;
  const whole = useResource<CaseDetail>(detail ? `/cases/${encodeURIComponent(detail.task.caseNo)}` : null);
  const { refresh } = useCounts();
  const [typed, setTyped] = useState<JsonObject | null>(null);
  const [done, setDone] = useState<{ action: TaskAction; answer: CompletedTask } | null>(null);
  if (!detail) {
    return resource.error
      ? <><h1>{t('inbox.title')}</h1><ProblemNotice error={resource.error} onRetry={resource.reload} /><Link to="/">{t('task.back')}</Link></>
      : <Loading rows={12} />;
  }
  if (done) return <Done detail={detail} {...done} />;
  return (
    <>
      <Watermark />
      <Head detail={detail} onChanged={() => { resource.reload(); whole.reload(); refresh(); }} />
      <Responsible caseNo={detail.task.caseNo} key={String(detail.task.assigneeId)} />
      <WhyNot detail={detail} />
      {whole.data ? <Unmask caseNo={detail.task.caseNo} privacy={whole.data.privacy} onChanged={whole.reload} /> : null}
      <div className="s-task">
        <TaskForm
          detail={detail} data={typed ?? (detail.data as JsonObject)} onData={setTyped} onReload={resource.reload}
          onDone={(action, answer) => { setDone({ action, answer }); refresh(); }}
        />
        <TaskFacts detail={detail} whole={whole} />
      </div>
    </>
  );
}
