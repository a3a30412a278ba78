import { useState, type ReactElement } from 'react';
import { Link } from 'react-router';

import { CaseNo } from '../../case/CaseNo';
import { shortDay } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { query, usePages } from '../../case/resource';
import { StatusTag, Tag } from '../../case/tags';
import type { MyCaseRow } from '../../case/types';
import { EmptyState, Loading } from '../../shared/states';
import { SearchFilter } from '../Filters';
import { useWindowWords } from '../window/text';

/** What is a whole number of a case, a code or a person; parts of one are not asked for. */
const WHOLE = /^(\d{12}|[\dA-Za-z()（）-]{15,64})$/;

function Row({ row }: { row: MyCaseRow }): ReactElement {
  const { t, pick } = useWindowWords();
  return (
    <tr>
      <td data-label={t('column.case')}><Link to={`/window/${encodeURIComponent(row.caseNo)}`}><CaseNo value={row.caseNo} /></Link></td>
      <td data-label={t('column.item')}>{pick(row.itemName, row.itemNameEn)}</td>
      <td data-label={t('column.subject')}>{row.subject}</td>
      <td data-label={t('column.status')}><StatusTag status={row.status} name={pick(row.statusName, row.statusNameEn)} /></td>
      <td data-label={t('column.todo')}>{row.openTaskCount > 0 ? <Tag tone="warn">{t('todo', { n: row.openTaskCount })}</Tag> : <span className="lb-faint">{t('todoNone')}</span>}</td>
      <td data-label={t('column.submitted')} className="s-time">{shortDay(row.submittedAt)}</td>
    </tr>
  );
}

/** 窗口服务: look up a case that was handed in here; without words those that wait for their applicants. */
export function WindowDesk(): ReactElement {
  const { t } = useWindowWords();
  const [q, setQ] = useState('');
  const whole = WHOLE.test(q.trim());
  const list = usePages<MyCaseRow>(`/window/cases${query({ q: whole ? q.trim() : '' })}`);
  return (
    <>
      <div className="s-head"><h1>{t('title')}</h1></div>
      <p className="lb-soft">{t('intro')}</p>
      <search className="s-filters s-window-search">
        <SearchFilter label={t('search')} hint={t('searchHint')} value={q} onChange={setQ} />
      </search>
      <h2>{t(whole ? 'found' : 'waiting')}</h2>
      {list.error ? <ProblemNotice error={list.error} onRetry={list.reload} /> : null}
      {list.loading && list.items.length === 0 ? <Loading rows={5} /> : null}
      {!list.loading && !list.error && list.items.length === 0 ? <EmptyState text={t(whole ? 'foundNone' : 'waitingNone')} /> : null}
      {list.items.length > 0 ? (
        <div className="s-scroll">
          <table className="lb-table lb-stack">
            <caption className="lb-visually-hidden">{t(whole ? 'found' : 'waiting')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('column.case')}</th>
                <th scope="col">{t('column.item')}</th>
                <th scope="col">{t('column.subject')}</th>
                <th scope="col">{t('column.status')}</th>
                <th scope="col">{t('column.todo')}</th>
                <th scope="col">{t('column.submitted')}</th>
              </tr>
            </thead>
            <tbody>{list.items.map((row) => <Row key={row.caseNo} row={row} />)}</tbody>
          </table>
        </div>
      ) : null}
    </>
  );
}
