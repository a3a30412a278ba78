import { Button } from 'antd';
import { useState, type ReactElement } from 'react';
import { Link, useSearchParams } from 'react-router';

import { CaseNo } from '../../case/CaseNo';
import { CaseSheet } from '../../case/CaseSheet';
import { shortDay } from '../../case/dates';
import { listText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { query, usePages, useResource } from '../../case/resource';
import { DueTag, StatusTag, Tag } from '../../case/tags';
import type { CaseRow, ItemRow } from '../../case/types';
import { EmptyState, Loading } from '../../shared/states';
import { SearchFilter, SelectFilter } from '../Filters';
import { useStaffText } from '../text';

function Row({ row }: { row: CaseRow }): ReactElement {
  const { t, pick, locale } = useStaffText();
  return (
    <tr>
      <td data-label={t('cases.column.case')}><Link to={`/cases/${encodeURIComponent(row.caseNo)}`}><CaseNo value={row.caseNo} /></Link></td>
      <td data-label={t('cases.column.item')}>{pick(row.itemName, row.itemNameEn)}</td>
      <td data-label={t('cases.column.subject')}>{row.subject}</td>
      <td data-label={t('cases.column.status')}><StatusTag status={row.status} name={pick(row.statusName, row.statusNameEn)} />{row.stuck ? <> <Tag tone="bad">{t('cases.stuck')}</Tag></> : null}</td>
      <td data-label={t('cases.column.sites')}>{row.mainSiteName}{row.partnerSiteNames.length > 0 ? <span className="lb-faint"> / {listText(locale, row.partnerSiteNames)}</span> : null}</td>
      <td data-label={t('cases.column.submitted')} className="s-time">{shortDay(row.submittedAt)}</td>
      <td data-label={t('cases.column.due')}>{row.closedAt ? <span>{pick(row.resultName, row.resultNameEn)} <span className="lb-faint">{shortDay(row.closedAt)}</span></span> : <DueTag due={row.due} dueAt={row.promiseDueAt} />}</td>
    </tr>
  );
}

function CasesTable({ rows }: { rows: CaseRow[] }): ReactElement {
  const { t } = useStaffText();
  return (
    <div className="s-scroll">
      <table className="lb-table lb-stack">
        <caption className="lb-visually-hidden">{t('cases.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('cases.column.case')}</th>
            <th scope="col">{t('cases.column.item')}</th>
            <th scope="col">{t('cases.column.subject')}</th>
            <th scope="col">{t('cases.column.status')}</th>
            <th scope="col">{t('cases.column.sites')}</th>
            <th scope="col">{t('cases.column.submitted')}</th>
            <th scope="col">{t('cases.column.due')}</th>
          </tr>
        </thead>
        <tbody>{rows.map((row) => <Row key={row.caseNo} row={row} />)}</tbody>
      </table>
    </div>
  );
}

/** Cases of my sites, found by number, applicant, item, state and deadline. */
export function Cases(): ReactElement {
  const { t, pick } = useStaffText();
  const [params, setParams] = useSearchParams();
  const [q, setQ] = useState('');
  const state = params.get('state') ?? 'open';
  const item = params.get('item') ?? '';
  const due = params.get('due') ?? '';
  const items = useResource<{ items: ItemRow[] }>('/items');
  const list = usePages<CaseRow>(`/cases${query({ state, item, due, q })}`);
  const known = items.data?.items ?? [];
  const set = (name: string, value: string): void => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value); else next.delete(name);
    setParams(next, { replace: true });
  };
  return (
    <>
      <div className="s-head"><h1>{t('cases.title')}</h1><CaseSheet filter={{ q, state, item, due }} /></div>
      <search className="s-filters">
        <SearchFilter label={t('cases.search')} hint={t('cases.searchHint')} value={q} onChange={setQ} />
        <SelectFilter
          label={t('cases.state')} value={state} onChange={(value) => set('state', value)}
          options={[{ value: 'open', label: t('cases.state.open') }, { value: 'closed', label: t('cases.state.closed') }, { value: 'all', label: t('cases.state.all') }]}
        />
        <SelectFilter
          label={t('inbox.item')} value={item} onChange={(value) => set('item', value)}
          options={[{ value: '', label: t('inbox.allItems') }, ...known.filter((row) => row.available).map((row) => ({ value: row.code, label: pick(row.name, row.nameEn) }))]}
        />
        <SelectFilter
          label={t('cases.due')} value={due} onChange={(value) => set('due', value)}
          options={[{ value: '', label: t('inbox.allDues') }, { value: 'overdue', label: t('inbox.dueOverdue') }, { value: 'today', label: t('inbox.dueToday') }, { value: 'soon', label: t('inbox.dueSoon') }]}
        />
      </search>
      {list.error ? <ProblemNotice error={list.error} onRetry={list.reload} /> : null}
      {list.loading && list.items.length === 0 ? <Loading rows={8} /> : null}
      {!list.loading && !list.error && list.items.length === 0 ? <EmptyState text={t('cases.empty')} /> : null}
      {list.items.length > 0 ? (
        <>
          <CasesTable rows={list.items} />
          <p className="s-more">
            <span role="status" className="lb-faint">{t('cases.shown', { n: list.items.length })}</span>
            {list.more ? <Button onClick={list.loadMore} loading={list.loadingMore}>{t('more')}</Button> : null}
          </p>
        </>
      ) : null}
    </>
  );
}
