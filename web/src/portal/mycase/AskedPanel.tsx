import type { ReactElement } from 'react';

import { dueDay, moment } from '../../case/dates';
import type { MyCase } from '../../case/types';
import { usePortalText } from '../text';
import { Section } from '../ui';

/** What the applicant asked or urged, of which office, and what it answered. */
export function AskedPanel({ mine }: { mine: MyCase }): ReactElement | null {
  const { t, pick } = usePortalText();
  if (mine.asked.length === 0) return null;
  return (
    <Section title={t('case.asked')}>
      <ol className="p-events">
        {mine.asked.map((each) => (
          <li key={each.number}>
            <p><strong>{pick(each.kindName, each.kindNameEn)}</strong>{each.note ? ` ${each.note}` : ''}</p>
            <p className="p-hint"><time dateTime={each.raisedAt}>{moment(each.raisedAt)}</time> · {each.siteName}</p>
            {each.answer ? <p><strong>{t('case.askedAnswer')}</strong> {each.answer} <span className="p-hint">{moment(each.answeredAt)}</span></p> : null}
            {each.answer ? null : <p className="p-hint">{each.answerDueAt ? t('case.askedWaitsUntil', { date: dueDay(each.answerDueAt) }) : t('case.askedWaits')}</p>}
          </li>
        ))}
      </ol>
    </Section>
  );
}
