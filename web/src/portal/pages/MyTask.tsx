import { useState, type ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { AnswerForm } from '../../case/AnswerForm';
import { longDueDay } from '../../case/dates';
import { Notices } from '../../case/Notices';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import type { TaskDetail } from '../../case/types';
import { Loading, Notice } from '../../shared/states';
import { usePortalText } from '../text';
import { LinkButton, PageTitle, Section } from '../ui';

/** A task of the applicant, such as supplementing: what is asked, the form, done. */
export function MyTask(): ReactElement {
  const { t, locale } = usePortalText();
  const { caseNo = '', taskId = '' } = useParams();
  const at = `/tasks/${encodeURIComponent(taskId)}`;
  const resource = useResource<TaskDetail>(at);
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
        ? <div className="p-section"><AnswerForm key={detail.task.id} detail={detail} at={at} onDone={() => setDone(true)} /></div>
        : <Notice tone="info"><p>{detail.why || t('task.closed')}</p></Notice>}
      <p><Link to={back}>{t('task.back')}</Link></p>
    </>
  );
}
