import type { ReactElement } from 'react';

import { dueDay, moment, shortDay } from './dates';
import { useCaseText, type CaseTextKey } from './language';
import { Tag, type TagTone } from './tags';
import type { ClockEventView, ClockView } from './types';

const TONE: Record<string, TagTone> = { RUNNING: 'info', STOPPED: 'warn', DONE: 'good', OVERDUE: 'bad' };

function ClockChange({ event }: { event: ClockEventView }): ReactElement {
  const { t, has } = useCaseText();
  const key = `clock.action.${event.action.toLowerCase()}`;
  const action = event.actionName ?? (has(key) ? t(key as CaseTextKey) : event.action);
  const reason = event.reasonName ?? event.reason;
  const moved = event.dueBefore && event.dueAfter && event.dueBefore !== event.dueAfter
    ? t('clock.moved', { before: dueDay(event.dueBefore), after: dueDay(event.dueAfter) })
    : event.dueAfter && !event.dueBefore ? t('clock.becomes', { after: dueDay(event.dueAfter) }) : null;
  return (
    <li>
      <time dateTime={event.at}>{moment(event.at)}</time>{' '}
      <strong>{action}</strong>{reason ? ` · ${reason}` : ''}{moved ? `，${moved}` : ''}
    </li>
  );
}

/** One clock and the answer to 为什么是这一天. */
export function ClockCard({ clock }: { clock: ClockView }): ReactElement {
  const { t, has } = useCaseText();
  const stateKey = `clock.state.${clock.state}`;
  const percent = clock.totalDays > 0 ? Math.min(100, Math.round((clock.usedDays / clock.totalDays) * 100)) : 0;
  const start = clock.events.find((event) => event.action.toLowerCase() === 'start');
  return (
    <section className="lb-clock" aria-label={clock.kindName}>
      <p className="lb-clock-head">
        <strong>{clock.kindName}</strong>
        <Tag tone={TONE[clock.state] ?? 'mute'}>{has(stateKey) ? t(stateKey as CaseTextKey) : clock.state}</Tag>
        {clock.dueAt ? <span>{t('clock.due')} <time dateTime={clock.dueAt}>{dueDay(clock.dueAt)}</time></span> : null}
      </p>
      <svg className="lb-clock-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="4" className="lb-clock-rest" />
        <rect width={percent} height="4" className={`lb-clock-used lb-clock-${clock.state.toLowerCase()}`} />
      </svg>
      <p className="lb-faint">{t('clock.used', { used: clock.usedDays, total: clock.totalDays, left: clock.remainingDays })}</p>
      <details>
        <summary>{t('clock.why')}</summary>
        {start ? <p>{t('clock.whyStart', { date: shortDay(start.at), total: clock.totalDays })}</p> : null}
        {clock.source ? <p>{t('clock.source', { source: clock.source })}</p> : null}
        {clock.provisional ? <p>{t('clock.provisional')}</p> : null}
        <ol>{clock.events.map((event) => <ClockChange key={`${event.at}-${event.action}`} event={event} />)}</ol>
      </details>
    </section>
  );
}

export function Clocks({ clocks }: { clocks: ClockView[] }): ReactElement {
  const { t } = useCaseText();
  if (clocks.length === 0) return <p className="lb-none">{t('clock.none')}</p>;
  return <div className="lb-clocks">{clocks.map((clock) => <ClockCard key={clock.kind} clock={clock} />)}</div>;
}
