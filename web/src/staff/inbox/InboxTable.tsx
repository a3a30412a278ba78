import { Button } from 'antd';
import type { ReactElement, RefObject } from 'react';
import { Link } from 'react-router';

import { CaseNo } from '../../case/CaseNo';
import { moment } from '../../case/dates';
import { DueTag, LadderTag, StatusTag, Tag } from '../../case/tags';
import type { TaskRow } from '../../case/types';
import { useStaffText } from '../text';

interface InboxTableProps {
  rows: TaskRow[];
  /** Shows a button to claim in each row. */
  claimable: boolean;
  claiming: string | null;
  links: RefObject<Map<string, HTMLAnchorElement>>;
  onClaim: (row: TaskRow) => void;
  onFocus: (id: string) => void;
}

function Row({ row, claimable, claiming, links, onClaim, onFocus }: Omit<InboxTableProps, 'rows'> & { row: TaskRow }): ReactElement {
  const { t, pick } = useStaffText();
  return (
    <tr onFocus={() => onFocus(row.id)}>
      <td data-label={t('inbox.column.due')}><DueTag due={row.due} dueAt={row.dueAt} />{row.ladder ? <> <LadderTag mark={row.ladder} /></> : null}</td>
      <td data-label={t('inbox.column.task')}>
        <Link
          className="s-row-link" to={`/tasks/${encodeURIComponent(row.id)}`}
          ref={(element) => { if (element) links.current.set(row.id, element); else links.current.delete(row.id); }}
        >
          {row.name}
        </Link>
        {row.onBehalfOf ? <> <Tag tone="info">{t('inbox.behalf', { name: row.onBehalfOf })}</Tag></> : null}
      </td>
      <td data-label={t('inbox.column.item')}>{pick(row.itemName, row.itemNameEn)}</td>
      <td data-label={t('inbox.column.subject')}>{row.subject}</td>
      <td data-label={t('inbox.column.case')}><Link className="s-quiet-link" to={`/cases/${encodeURIComponent(row.caseNo)}`}><CaseNo value={row.caseNo} /></Link></td>
      <td data-label={t('inbox.column.status')}><StatusTag status={row.caseStatus} name={pick(row.caseStatusName, row.caseStatusNameEn)} /></td>
      <td data-label={t('inbox.column.site')}>{row.siteName}<span className="lb-faint"> {pick(row.roleName, row.roleNameEn)}</span></td>
      <td data-label={t('inbox.column.opened')} className="s-time">{moment(row.openedAt)}</td>
      {claimable ? (
        <td data-label={t('inbox.column.action')}>
          <Button size="small" loading={claiming === row.id} onClick={() => onClaim(row)} aria-label={t('inbox.claimNamed', { task: row.name, subject: row.subject })}>
            {t('inbox.claim')}
          </Button>
        </td>
      ) : null}
    </tr>
  );
}

/** Tasks, the most urgent first. */
export function InboxTable(props: InboxTableProps): ReactElement {
  const { t } = useStaffText();
  return (
    <div className="s-scroll">
      <table className="lb-table lb-stack s-inbox">
        <caption className="lb-visually-hidden">{t('inbox.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('inbox.column.due')}</th>
            <th scope="col">{t('inbox.column.task')}</th>
            <th scope="col">{t('inbox.column.item')}</th>
            <th scope="col">{t('inbox.column.subject')}</th>
            <th scope="col">{t('inbox.column.case')}</th>
            <th scope="col">{t('inbox.column.status')}</th>
            <th scope="col">{t('inbox.column.site')}</th>
            <th scope="col">{t('inbox.column.opened')}</th>
            {props.claimable ? <th scope="col">{t('inbox.column.action')}</th> : null}
          </tr>
        </thead>
        <tbody>{props.rows.map((row) => <Row key={row.id} {...props} row={row} />)}</tbody>
      </table>
    </div>
  );
}
