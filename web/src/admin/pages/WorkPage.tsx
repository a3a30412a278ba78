import { Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { moment } from '../../case/dates';
import { query, usePages } from '../../case/resource';
import { useAdminText } from '../../i18n/admin';
import { ListPage } from '../ListPage';
import type { WorkRow } from '../types';

const STATES = ['pending', 'promoted', 'failed', 'done'] as const;

/** Timers, deliveries and reminders that wait, run or failed. */
export function WorkPage(): ReactNode {
  const t = useAdminText();
  const [state, setState] = useState<string>('pending');
  const pages = usePages<WorkRow>(`/admin/work${query({ state })}`);
  const name = (value: string): string => {
    const known = STATES.find((candidate) => candidate === value);
    return known ? t(`work.${known}`) : value;
  };
  return (
    <ListPage<WorkRow>
      title={t('nav.work')}
      pages={pages}
      empty={t('work.empty')}
      rowKey={(row) => row.id}
      filters={
        <Select aria-label={t('work.state')} className="lb-filter-select" value={state} onChange={setState} options={STATES.map((value) => ({ value, label: t(`work.${value}`) }))} />
      }
      columns={[
        { title: t('work.kind'), dataIndex: 'kind' },
        { title: t('cases.no'), dataIndex: 'caseNo', className: 'lb-number' },
        { title: t('work.due'), render: (_, row) => moment(row.dueAt) },
        { title: t('work.state'), render: (_, row) => name(row.state) },
        { title: t('work.attempts'), dataIndex: 'attempts', align: 'right' },
        { title: t('work.error'), dataIndex: 'lastError' },
      ]}
    />
  );
}
