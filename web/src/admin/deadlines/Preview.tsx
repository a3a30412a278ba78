import { type ReactNode } from 'react';
import { Link } from 'react-router';

import { dueDay } from '../../case/dates';
import { listText } from '../../case/language';
import { useLanguage } from '../../i18n';
import { useDeadlineText } from '../../i18n/deadlines';
import { Notice } from '../../shared/states';
import type { DateMove, DatesPreview } from './shapes';

/** What a change would move: the sums, who is concerned, and the worst dates first. */
export function Preview({ preview }: { preview: DatesPreview }): ReactNode {
  const t = useDeadlineText();
  const { locale } = useLanguage();
  if (preview.cases === 0) return <Notice tone="info">{t('preview.none')}</Notice>;
  const list = (rows: { name: string; cases: number }[]): string => listText(locale, rows.map((row) => t('preview.unit', { name: row.name, n: row.cases })));
  return (
    <section className="lb-dates" aria-live="polite">
      <p><strong>{t('preview.head', { cases: preview.cases, clocks: preview.clocks, tasks: preview.tasks, timers: preview.timers, steps: preview.steps })}</strong></p>
      <p>{t('preview.promises', { later: preview.promisesLater, earlier: preview.promisesEarlier })}</p>
      {preview.overdue > 0 ? <Notice tone="warn">{t('preview.overdue', { n: preview.overdue })}</Notice> : null}
      {preview.firesNow > 0 ? <Notice tone="warn">{t('preview.firesNow', { n: preview.firesNow })}</Notice> : null}
      {preview.atOnce ? null : <p>{t('preview.batches')}</p>}
      <p className="lb-soft">{t('preview.byItem', { list: list(preview.byItem) })}</p>
      <p className="lb-soft">{t('preview.bySite', { list: list(preview.bySite) })}</p>
      {preview.worst.length > 0 ? <Moves caption={t('preview.worst')} rows={preview.worst} /> : null}
      <Moves caption={t('preview.rows', { n: preview.rows.length })} rows={preview.rows} />
    </section>
  );
}

function Moves({ caption, rows }: { caption: string; rows: DateMove[] }): ReactNode {
  const t = useDeadlineText();
  const name = (row: DateMove): string => (row.label === 'PROMISE' ? t('preview.promise') : row.label === 'STATUTORY' ? t('preview.statutory') : row.label === 'INTERNAL' ? t('preview.internal') : row.what === 'timer' ? t('preview.timer', { name: row.label }) : row.label);
  return (
    <div className="lb-scroll" tabIndex={0} role="region" aria-label={caption}>
      <table className="lb-moves">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t('preview.case')}</th><th scope="col">{t('preview.site')}</th><th scope="col">{t('preview.what')}</th>
            <th scope="col">{t('preview.before')}</th><th scope="col">{t('preview.after')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={`${row.caseNo}-${row.label}-${index}`}>
              <td><Link to={`/cases/${encodeURIComponent(row.caseNo)}`}>{row.caseNo}</Link></td>
              <td>{row.siteName}</td>
              <td>{name(row)}</td>
              <td>{dueDay(row.before) || '—'}</td>
              <td>{dueDay(row.after) || '—'} {row.overdue ? <strong className="lb-bad">{t('preview.becomes')}</strong> : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
