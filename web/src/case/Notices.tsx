import type { ReactElement } from 'react';

import { dueDay, moment } from './dates';
import { labelled, useCaseText } from './language';
import { Tag } from './tags';
import type { SupplementNotice } from './types';

/** 一次性告知: every round with all its entries, the newest first. */
export function Notices({ notices }: { notices: SupplementNotice[] }): ReactElement {
  const { t, pick, locale } = useCaseText();
  const rounds = [...notices].sort((a, b) => b.round - a.round);
  return (
    <div className="lb-notices">
      {rounds.map((notice) => (
        <section key={notice.round} aria-label={t('notices.round', { n: notice.round })}>
          <p className="lb-notice-head">
            <strong>{t('notices.round', { n: notice.round })}</strong>
            <span className="lb-faint">{t('notices.notified', { at: moment(notice.notifiedAt) })}</span>
            {notice.answeredAt
              ? <Tag tone="good">{t('notices.answered', { at: moment(notice.answeredAt) })}</Tag>
              : <Tag tone="warn">{notice.dueAt ? t('notices.due', { date: dueDay(notice.dueAt) }) : t('notices.open')}</Tag>}
          </p>
          <ol className="lb-notice-entries">
            {notice.entries.map((entry, index) => (
              <li key={index}>
                <p><strong>{pick(entry.targetName, entry.targetNameEn)}</strong></p>
                {entry.defect ? <p>{labelled(locale, t('notices.defect'), entry.defect)}</p> : null}
                {entry.cure ? <p>{labelled(locale, t('notices.cure'), entry.cure)}</p> : null}
                {entry.rule ? <p className="lb-faint">{labelled(locale, t('notices.rule'), entry.rule)}</p> : null}
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}
