import { Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { CaseSheet } from '../../case/CaseSheet';
import { moment, shortDay } from '../../case/dates';
import { listText, pickText } from '../../case/language';
import { query, usePages, useResource } from '../../case/resource';
import { DueTag, StatusTag, Tag } from '../../case/tags';
import type { CaseRow, ItemRow } from '../../case/types';
import { useLanguage } from '../../i18n';
import { useAdminText } from '../../i18n/admin';
import { ListPage } from '../ListPage';

/** Cases with filters. */
export function CasesPage(): ReactNode {
  const t = useAdminText();
  const { locale } = useLanguage();
  const [search, setSearch] = useSearchParams();
  // What is searched for may name a person: it never goes into the page's address.
  const [q, setQ] = useState('');
  const [typed, setTyped] = useState('');
  const values = { q, state: search.get('state') ?? 'open', item: search.get('item'), due: search.get('due') };
  const filtered = Boolean(q || values.item || values.due || values.state !== 'open');
  const pages = usePages<CaseRow>(`/cases${query(values)}`);
  const items = useResource<{ items: ItemRow[] }>('/items');
  const known = items.data?.items ?? [];
  const set = (name: string, value: string): void => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  return (
    <ListPage<CaseRow>
      title={t('nav.cases')}
      pages={pages}
      empty={t('cases.empty')}
      unfilter={filtered ? () => { setTyped(''); setQ(''); setSearch({}, { replace: true }); } : undefined}
      rowKey={(row) => row.caseNo}
      filters={
        <>
          <Input.Search value={typed} onChange={(event) => setTyped(event.target.value)} className="lb-filter-search" aria-label={t('cases.search')} placeholder={t('cases.search')} enterButton={t('action.apply')} onSearch={(value) => setQ(value.trim())} />
          <Select aria-label={t('cases.state')} className="lb-filter-select" value={values.state} onChange={(value: string) => set('state', value)} options={(['open', 'closed', 'all'] as const).map((value) => ({ value, label: t(`cases.${value}`) }))} />
          <Select aria-label={t('cases.item')} className="lb-filter-select" value={values.item ?? ''} onChange={(value: string) => set('item', value)} options={[{ value: '', label: t('cases.everyItem') }, ...known.filter((item) => item.available).map((item) => ({ value: item.code, label: pickText(locale, item.name, item.nameEn) }))]} />
          <Select aria-label={t('cases.due')} className="lb-filter-select" value={values.due ?? ''} onChange={(value: string) => set('due', value)} options={[{ value: '', label: t('cases.dueAny') }, ...(['overdue', 'today', 'soon'] as const).map((value) => ({ value, label: t(`cases.${value}`) }))]} />
          <CaseSheet filter={values} />
        </>
      }
      columns={[
        {
          title: t('cases.no'),
          render: (_, row) => (
            <>
              <Link to={`/cases/${encodeURIComponent(row.caseNo)}`}>{pickText(locale, row.itemName, row.itemNameEn)}</Link>
              <div className="lb-faint lb-number">{row.caseNo}</div>
            </>
          ),
        },
        { title: t('cases.subject'), dataIndex: 'subject' },
        {
          title: t('cases.status'),
          render: (_, row) => (
            <>
              <StatusTag status={row.status} name={pickText(locale, row.statusName, row.statusNameEn)} /> {row.stuck ? <Tag tone="bad">{t('overview.stuck')}</Tag> : null}
            </>
          ),
        },
        { title: t('cases.sites'), render: (_, row) => `${row.mainSiteName}${row.partnerSiteNames.length > 0 ? ` → ${listText(locale, row.partnerSiteNames)}` : ''}` },
        { title: t('cases.submitted'), render: (_, row) => moment(row.submittedAt) },
        { title: t('cases.promise'), render: (_, row) => (row.closedAt ? <>{pickText(locale, row.resultName, row.resultNameEn)} <span className="lb-faint">{shortDay(row.closedAt)}</span></> : <DueTag due={row.due} dueAt={row.promiseDueAt} />) },
      ]}
    />
  );
}
