import type { ReactElement } from 'react';

import { moment } from './dates';
import { useCaseText } from './language';
import { Tag, type TagTone } from './tags';
import type { CaseJobRow } from './types';

const TONES: Record<CaseJobRow['state'], TagTone> = { open: 'info', locked: 'info', done: 'good', failed: 'bad', cancelled: 'mute' };

/** The steps that other systems do for a case: which, since when, what came of it. */
export function ExternalJobs({ jobs }: { jobs: CaseJobRow[] }): ReactElement | null {
  const { t } = useCaseText();
  if (jobs.length === 0) return null;
  return (
    <section className="s-block">
      <h2>{t('jobs.heading')}</h2>
      <ul className="lb-plain">
        {jobs.map((job) => (
          <li key={job.id}>
            <strong>{job.elementName}</strong> <Tag tone={TONES[job.state]}>{t(`jobs.${job.state}`)}</Tag>{' '}
            <code>{job.topic}</code>{' '}
            <span className="lb-faint">
              {job.closedAt ? moment(job.closedAt) : t('jobs.since', { time: moment(job.createdAt) })}
              {job.attempts > 1 ? ` · ${t('jobs.attempts', { n: job.attempts })}` : ''}
              {job.errorCode ? ` · ${job.errorCode}` : ''}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
