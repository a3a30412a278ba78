import type { ReactElement } from 'react';

import { Link } from 'react-router';

import { longDueDay, moment } from '../../case/dates';
import { bracketed } from '../../case/language';
import { Tag, type TagTone } from '../../case/tags';
import type { MyCase, PromiseChange } from '../../case/types';
import { WhyThisDay } from '../../case/WhyThisDay';
import { usePortalText } from '../text';
import { Section } from '../ui';

function Change({ change, caseNo }: { change: PromiseChange; caseNo: string }): ReactElement {
  const { t, locale, pick } = usePortalText();
  const name = pick(change.actionName, change.actionNameEn);
  const after = longDueDay(change.dueAfter, locale);
  const before = longDueDay(change.dueBefore, locale);
  let effect = '';
  if (after && before && after !== before) effect = t('case.changeMoved', { before, after });
  else if (after && !before) effect = t('case.changeSet', { after });
  return (
    <li>
      <time dateTime={change.at} className="p-hint">{moment(change.at)}</time>
      <span>
        <strong>{name}</strong>{bracketed(locale, pick(change.reasonName, change.reasonNameEn))}{effect ? `${locale === 'zh' ? '，' : ', '}${effect}` : ''}
        {change.note ? <span className="p-reason"> {change.note}</span> : null}
        <span className="p-hint"> {change.by ? t('case.changeBy', { name: change.by }) : t('case.changeByPlatform')}{change.legalGround ? ` · ${change.legalGround}` : ''}</span>
        {change.documentId !== null ? <> <Link to={`/my/${encodeURIComponent(caseNo)}/documents/${String(change.documentId)}`}>{t('case.changeDocument')}</Link></> : null}
      </span>
    </li>
  );
}

function remark(mine: MyCase, t: ReturnType<typeof usePortalText>['t']): { text: string; tone: TagTone } {
  const days = mine.promise?.daysLeft ?? null;
  switch (mine.promise?.state) {
    case 'overdue': return { text: t('case.overdue'), tone: 'bad' };
    case 'stopped': return { text: t('case.stopped'), tone: 'warn' };
    case 'done': return { text: t('case.promiseDone'), tone: 'good' };
    default: return { text: days === null ? '' : days > 0 ? t('case.daysLeft', { n: days }) : t('case.dueToday'), tone: 'info' };
  }
}

/** While the clock stands still: what is waited for, until when, what the applicant does. No date is shown, because none holds. */
function Stopped({ mine }: { mine: MyCase }): ReactElement | null {
  const { t, locale, pick } = usePortalText();
  const { promise } = mine;
  const waiting = promise?.waiting;
  if (!promise || !waiting) return null;
  const expected = longDueDay(waiting.expectedAt, locale);
  const does = waiting.applicantDoes || (waiting.reasons.includes('SUPPLEMENT') ? t('case.doesSupplement') : t('case.doesNothing'));
  return (
    <>
      <p><Tag tone="warn">{t('case.stopped')}</Tag></p>
      <p>{t('case.stoppedFor', { reason: pick(waiting.reasonNames.join('、'), waiting.reasonNamesEn.join(', ')) })}{bracketed(locale, waiting.note)}{expected ? `${locale === 'zh' ? '，' : ', '}${t('case.stoppedExpected', { date: expected })}` : ''}</p>
      <p><strong>{t('case.stoppedDoes', { text: does })}</strong></p>
      <p className="p-hint">{t('case.stoppedDate', { used: promise.usedDays, left: promise.totalDays - promise.usedDays })} {waiting.legalGround}</p>
      {waiting.documentId !== null ? <p><Link to={`/my/${encodeURIComponent(mine.caseNo)}/documents/${String(waiting.documentId)}`}>{t('case.changeDocument')}</Link></p> : null}
    </>
  );
}

/** The promised day and the answer to 为什么是这一天. */
export function PromisePanel({ mine }: { mine: MyCase }): ReactElement {
  const { t, locale } = usePortalText();
  const { promise } = mine;
  if (!promise || (!promise.dueAt && !promise.waiting)) return <Section title={t('case.promise')}><p>{promise?.state === 'done' ? t('case.promiseDone') : t('case.promiseNone')}</p></Section>;
  const { text, tone } = remark(mine, t);
  return (
    <Section title={t('case.promise')}>
      {promise.waiting ? <Stopped mine={mine} /> : null}
      {promise.dueAt ? <p className="p-promise"><time dateTime={promise.dueAt}>{longDueDay(promise.dueAt, locale)}</time></p> : null}
      {text && !promise.waiting ? <p><Tag tone={tone}>{text}</Tag></p> : null}
      {promise.dueAt && promise.state !== 'done' ? <p><WhyThisDay caseNo={mine.caseNo} clock="PROMISE" mine /></p> : null}
      <details className="p-why">
        <summary>{t('case.whyHistory')}</summary>
        <p>{t('case.whyLead')}</p>
        {promise.source ? <p className="p-hint">{t('case.whySource', { source: promise.source })}</p> : null}
        {promise.provisional ? <p className="p-hint">{t('case.provisional')}</p> : null}
        <ol className="p-changes">{promise.history.map((change) => <Change key={`${change.at}-${change.action}`} change={change} caseNo={mine.caseNo} />)}</ol>
        {promise.history.length === 0 ? <p className="p-hint">{t('case.whyEmpty')}</p> : null}
      </details>
    </Section>
  );
}
