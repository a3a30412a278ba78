import type { ReactElement } from 'react';

import { longDueDay, moment } from '../../case/dates';
import { Tag, type TagTone } from '../../case/tags';
import type { MyCase, PromiseChange } from '../../case/types';
import { usePortalText, type PortalTextKey } from '../text';
import { Section } from '../ui';

function Change({ change }: { change: PromiseChange }): ReactElement {
  const { t, has, locale } = usePortalText();
  const key = `case.change.${change.action.toLowerCase()}`;
  const name = change.actionName ?? (has(key) ? t(key as PortalTextKey) : change.action);
  const after = longDueDay(change.dueAfter, locale);
  const before = longDueDay(change.dueBefore, locale);
  let effect = '';
  if (after && before && after !== before) effect = t('case.changeMoved', { before, after });
  else if (after && !before) effect = t('case.changeSet', { after });
  return (
    <li>
      <time dateTime={change.at} className="p-hint">{moment(change.at)}</time>
      <span><strong>{name}</strong>{change.reasonName ? `（${change.reasonName}）` : ''}{effect ? `，${effect}` : ''}</span>
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

/** The promised day and the answer to 为什么是这一天. */
export function PromisePanel({ mine }: { mine: MyCase }): ReactElement {
  const { t, locale } = usePortalText();
  const { promise } = mine;
  if (!promise?.dueAt) return <Section title={t('case.promise')}><p>{promise?.state === 'done' ? t('case.promiseDone') : t('case.promiseNone')}</p></Section>;
  const { text, tone } = remark(mine, t);
  return (
    <Section title={t('case.promise')}>
      <p className="p-promise"><time dateTime={promise.dueAt}>{longDueDay(promise.dueAt, locale)}</time></p>
      {text ? <p><Tag tone={tone}>{text}</Tag></p> : null}
      <details className="p-why">
        <summary>{t('case.why')}</summary>
        <p>{t('case.whyLead')}</p>
        {promise.source ? <p className="p-hint">{t('case.whySource', { source: promise.source })}</p> : null}
        {promise.provisional ? <p className="p-hint">{t('case.provisional')}</p> : null}
        <ol className="p-changes">{promise.history.map((change) => <Change key={`${change.at}-${change.action}`} change={change} />)}</ol>
        {promise.history.length === 0 ? <p className="p-hint">{t('case.whyEmpty')}</p> : null}
      </details>
    </Section>
  );
}
