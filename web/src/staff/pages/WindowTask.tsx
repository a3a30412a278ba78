import { useId, useState, type ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { AnswerForm } from '../../case/AnswerForm';
import { longDueDay } from '../../case/dates';
import { Notices } from '../../case/Notices';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import type { TaskDetail } from '../../case/types';
import { Watermark } from '../../case/Watermark';
import { Loading, Notice } from '../../shared/states';
import { useWindowWords, windowPath, type WindowTextKey } from '../window/text';

const PAPERS = ['PAPER', 'FILE'] as const;

function PaperChoice({ value, onChange, wrong }: { value: string; onChange: (value: string) => void; wrong: boolean }): ReactElement {
  const { t } = useWindowWords();
  const id = useId();
  return (
    <fieldset className="s-window-signature" aria-describedby={wrong ? `${id}-error` : undefined}>
      <legend>{t('task.papers')}</legend>
      {PAPERS.map((each) => (
        <label key={each} className="lb-row">
          <input type="radio" name={id} value={each} checked={value === each} onChange={() => onChange(each)} /> {t(`task.papers.${each}` as WindowTextKey)}
        </label>
      ))}
      {wrong ? <p id={`${id}-error`} className="s-error" role="alert">{t('task.papersMissing')}</p> : null}
    </fieldset>
  );
}

/** A task of the applicant, done by the clerk at the window: the same form with the same checks as in the portal. */
export function WindowTask(): ReactElement {
  const { t, locale } = useWindowWords();
  const { caseNo = '', taskId = '' } = useParams();
  const at = `${windowPath(caseNo)}/tasks/${encodeURIComponent(taskId)}`;
  const resource = useResource<TaskDetail>(at);
  const [papers, setPapers] = useState('');
  const [tried, setTried] = useState(false);
  const [done, setDone] = useState(false);
  const back = <p><Link to={`/window/${encodeURIComponent(caseNo)}`}>{t('backCase')}</Link></p>;
  const detail = resource.data;
  if (!detail) {
    return resource.error
      ? <><h1>{t('todo.title')}</h1><ProblemNotice error={resource.error} onRetry={resource.reload} />{back}</>
      : <Loading rows={10} />;
  }
  if (done) return <><h1>{detail.task.name}</h1><Notice tone="good"><p>{t('task.done')}</p></Notice>{back}</>;
  const { notices } = detail.supplement;
  const along = (): { papers: string } | null => {
    setTried(true);
    return papers ? { papers } : null;
  };
  return (
    <>
      <Watermark />
      <div className="s-head">
        <h1>{detail.task.name} <span className="s-subject" data-title={detail.task.caseNo}>{detail.task.subject}</span></h1>
        {detail.task.dueAt ? <strong>{t('todo.due', { date: longDueDay(detail.task.dueAt, locale) })}</strong> : null}
      </div>
      <Notice tone="info"><p>{t('task.lead')}</p></Notice>
      {notices.length > 0 ? <section className="s-block"><h2>{t('task.notices')}</h2><Notices notices={notices} /></section> : null}
      {detail.mayComplete ? (
        <section className="s-block">
          <PaperChoice value={papers} onChange={setPapers} wrong={tried && papers === ''} />
          <AnswerForm key={detail.task.id} detail={detail} at={at} along={along} onDone={() => setDone(true)} />
        </section>
      ) : <Notice tone="info"><p>{t('task.closed')}</p></Notice>}
      {back}
    </>
  );
}
