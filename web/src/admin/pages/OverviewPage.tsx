import { type ReactNode } from 'react';
import { Link } from 'react-router';

import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { useAdminText } from '../../i18n/admin';
import type { MissingYear } from '../deadlines/shapes';
import type { Overview } from '../types';
import { SetUp } from '../SetUp';
import { StuckTable } from './StuckPage';

/** Each number with where its rows are listed; tasks have no list here. */
const TILES: readonly [keyof Overview, string | null, boolean][] = [
  ['open', '/cases', false],
  ['stuck', '/stuck', true],
  ['incidents', '/incidents', true],
  ['overdue', '/stuck?reason=overdue', true],
  ['dueToday', null, false],
  ['messagesPending', '/messages', false],
  ['timersPending', '/work?state=pending', false],
];

/** How things stand, and the worst cases right away. */
export function OverviewPage(): ReactNode {
  const t = useAdminText();
  const overview = useResource<Overview>('/admin/overview');
  return (
    <>
      <h1>{t('nav.overview')}</h1>
      <SetUp />
      {overview.error ? <ProblemNotice error={overview.error} onRetry={overview.reload} /> : null}
      {overview.data || !overview.error ? (
        <ul className="lb-tiles" aria-busy={!overview.data}>
          {TILES.map(([key, to, alarming]) => (
            <li key={key} data-alarm={alarming && (overview.data?.[key] ?? 0) > 0}>
              {to === null ? <div><Tile number={overview.data?.[key]} name={t(`overview.${key}`)} /></div> : <Link to={to}><Tile number={overview.data?.[key]} name={t(`overview.${key}`)} /></Link>}
            </li>
          ))}
        </ul>
      ) : null}
      <MissingYears />
      <h2>{t('overview.worst')}</h2>
      <StuckTable path="/admin/stuck?limit=10" />
    </>
  );
}

/** The tiles are there before their numbers: nothing moves when these come. */
function Tile({ number, name }: { number: number | undefined; name: string }): ReactNode {
  return (
    <>
      <strong>{number ?? '–'}</strong>
      {name}
    </>
  );
}

/** Years without a notice: somebody must publish them, and dates rest on an assumption until then. */
function MissingYears(): ReactNode {
  const t = useAdminText();
  const coverage = useResource<{ items: MissingYear[] }>('/admin/calendar-coverage');
  const rows = coverage.data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <ul className="lb-tiles lb-years">
      {rows.map((row) => (
        <li key={row.year} data-alarm={row.dates > 0}>
          <Link to={`/calendar?year=${String(row.year)}`}>
            <strong>{t('overview.missingYear', { year: row.year })}</strong>
            {row.dates > 0 ? t('overview.missingDates', { n: row.dates }) : t('overview.missingNone')}
          </Link>
        </li>
      ))}
    </ul>
  );
}
