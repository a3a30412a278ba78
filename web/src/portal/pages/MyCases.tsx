import type { ReactElement } from 'react';
import { Link } from 'react-router';

import { longDueDay, shortDay } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { Loading } from '../../shared/states';
import { useResource } from '../../case/resource';
import { StatusTag, Tag } from '../../case/tags';
import type { MyCaseRow } from '../../case/types';
import { stoppedText, usePortalText } from '../text';
import { LinkButton, PageTitle, Section } from '../ui';

function CaseCard({ row }: { row: MyCaseRow }): ReactElement {
  const { t, locale, pick } = usePortalText();
  return (
    <li className="p-card">
      <h3><Link to={`/my/${encodeURIComponent(row.caseNo)}`}>{pick(row.itemName, row.itemNameEn)}</Link></h3>
      <p className="p-card-tags">
        <StatusTag status={row.status} name={pick(row.statusName, row.statusNameEn)} />
        {row.openTaskCount > 0 ? <Tag tone="warn" strong>{t('cases.todo', { n: row.openTaskCount })}</Tag> : null}
        {row.closedAt && !row.rated ? <Tag tone="info">{t('cases.rate')}</Tag> : null}
      </p>
      <p>{row.closedAt && row.resultName ? t('case.closed', { result: pick(row.resultName, row.resultNameEn) }) : pick(row.plainText, row.plainTextEn)}</p>
      <p className="p-hint">
        {t('cases.submitted', { date: shortDay(row.submittedAt) })}
        {row.promiseDueAt && !row.closedAt && !row.stopped ? ` · ${t('cases.promise', { date: longDueDay(row.promiseDueAt, locale) })}` : ''}
        {row.stopped && !row.closedAt ? ` · ${stoppedText(row, t, pick)}` : ''}
      </p>
    </li>
  );
}

/** The applicant's cases: first what waits for them. */
export function MyCases(): ReactElement {
  const { t } = usePortalText();
  const list = useResource<MyCaseRow[] | { items: MyCaseRow[] }>('/my/cases');
  const rows = Array.isArray(list.data) ? list.data : list.data?.items ?? [];
  const open = rows.filter((row) => !row.closedAt).sort((a, b) => b.openTaskCount - a.openTaskCount);
  const closed = rows.filter((row) => row.closedAt);
  return (
    <>
      <PageTitle>{t('cases.title')}</PageTitle>
      {list.error ? <ProblemNotice error={list.error} onRetry={list.reload} /> : null}
      {list.loading && !list.data ? <Loading rows={9} /> : null}
      {list.data && rows.length === 0 ? (
        <div className="p-empty"><p>{t('cases.empty')}</p><LinkButton to="/">{t('cases.emptyAction')}</LinkButton></div>
      ) : null}
      {open.length > 0 ? <Section title={t('cases.open')}><ul className="p-cards">{open.map((row) => <CaseCard key={row.caseNo} row={row} />)}</ul></Section> : null}
      {closed.length > 0 ? <Section title={t('cases.closed')}><ul className="p-cards">{closed.map((row) => <CaseCard key={row.caseNo} row={row} />)}</ul></Section> : null}
    </>
  );
}
