import type { ReactElement, ReactNode } from 'react';

import { moment } from './dates';
import { listText, useCaseText } from './language';
import { DueTag, StatusTag, Tag } from './tags';
import type { CaseRow, CaseSummaryData } from './types';

/** Terms and values; a value that is absent leaves its row out. */
export function Facts({ rows }: { rows: [string, ReactNode][] }): ReactElement {
  return (
    <dl className="lb-facts">
      {rows.filter(([, value]) => value !== null && value !== undefined && value !== '').map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The case at a glance: numbers, status, sites, promise. */
export function CaseSummary({ summary }: { summary: CaseRow & Partial<CaseSummaryData> }): ReactElement {
  const { t, pick, locale } = useCaseText();
  const flags = summary.flags.map((flag) => pick(flag.name, flag.nameEn));
  const definition = summary.definitionKey && summary.definitionVersion
    ? t('summary.definitionValue', { key: summary.definitionKey, version: summary.definitionVersion })
    : null;
  return (
    <Facts
      rows={[
        [t('summary.caseNo'), <span key="no" className="lb-number">{summary.caseNo}</span>],
        [t('summary.collabNo'), <span key="co" className="lb-number">{summary.collabNo}</span>],
        [t('summary.item'), pick(summary.itemName, summary.itemNameEn)],
        [t('summary.subject'), summary.subject],
        [t('summary.status'), <StatusTag key="st" status={summary.status} name={pick(summary.statusName, summary.statusNameEn)} />],
        [t('summary.flags'), flags.length ? flags.map((flag) => <Tag key={flag} tone="info">{flag}</Tag>) : null],
        [t('summary.mainSite'), summary.mainSiteName],
        [t('summary.partnerSites'), listText(locale, summary.partnerSiteNames)],
        [t('summary.submittedAt'), moment(summary.submittedAt)],
        [t('summary.receivedAt'), summary.receivedAt ? moment(summary.receivedAt) : null],
        [t('summary.acceptedAt'), summary.acceptedAt ? moment(summary.acceptedAt) : null],
        [t('summary.promise'), summary.closedAt ? null : <DueTag key="due" due={summary.due} dueAt={summary.promiseDueAt} />],
        [t('summary.result'), pick(summary.resultName, summary.resultNameEn)],
        [t('summary.closedAt'), moment(summary.closedAt)],
        [t('summary.definition'), definition],
      ]}
    />
  );
}
