import { type ReactNode, useEffect } from 'react';

import { moment } from '../../case/dates';
import { useResource } from '../../case/resource';
import { useDeadlineText } from '../../i18n/deadlines';
import type { Recomputation } from './shapes';

const EVERY = 2000;

/** The newest changes of dates and how far they are; asks again while one is running. */
export function Progress({ turn }: { turn: number }): ReactNode {
  const t = useDeadlineText();
  const found = useResource<{ items: Recomputation[] }>('/admin/recomputations');
  const { reload } = found;
  const running = found.data?.items.some((row) => row.finishedAt === null) ?? false;
  useEffect(() => { if (turn > 0) reload(); }, [turn, reload]);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(reload, EVERY);
    return () => clearInterval(timer);
  }, [running, reload]);
  const rows = found.data?.items.slice(0, 5) ?? [];
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>{t('progress.heading')}</h2>
      <ul className="lb-recomputed">
        {rows.map((row) => (
          <li key={row.id}>
            <span>{moment(row.startedAt)} {row.starter} </span>
            <span>{t('progress.line', { reason: row.reason, done: row.doneCases, total: row.totalCases, clocks: row.movedClocks, tasks: row.movedTasks, timers: row.movedTimers, steps: row.movedSteps })} </span>
            <progress max={row.totalCases} value={row.doneCases} aria-label={row.reason} /> {row.finishedAt ? t('progress.done') : t('progress.running')}
          </li>
        ))}
      </ul>
    </section>
  );
}
