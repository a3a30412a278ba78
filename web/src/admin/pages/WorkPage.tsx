import { Button, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { moment } from '../../case/dates';
import { pickText } from '../../case/language';
import { query, usePages, useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useOperationsText } from '../../i18n/operations';
import { api } from '../../shared/api/client';
import { useMay } from '../../shared/session/useMay';
import { ListPage } from '../ListPage';
import type { FailedWork, WorkRow } from '../types';
import { useAction } from '../useAction';
import { GiveUpDialog, PutOffDialog } from './WorkDialogs';

const STATES = ['pending', 'promoted', 'held', 'failed', 'done', 'cancelled'] as const;

/** Timers, deliveries and reminders that wait, run or failed; what failed is tried again, put off or given up. */
export function WorkPage(): ReactNode {
  const t = useOperationsText();
  const { locale } = useLanguage();
  const [search, setSearch] = useSearchParams();
  const asked = search.get('state');
  const state = STATES.find((each) => each === asked) ?? '';
  const narrow = (value: string): void => setSearch(value ? { state: value } : {}, { replace: true });
  const pages = usePages<WorkRow>(`/admin/work${query({ state })}`);
  const failed = useResource<{ items: FailedWork[] }>('/admin/work/failed');
  const { busy, run } = useAction();
  const [delayed, setDelayed] = useState<WorkRow | null>(null);
  const [given, setGiven] = useState<WorkRow | null>(null);
  const reload = (): void => {
    setDelayed(null);
    setGiven(null);
    pages.reload();
    failed.reload();
  };
  const retry = async (row: WorkRow): Promise<void> => {
    if (await run(() => api.post(`/admin/work/${String(row.id)}/retry`), t('work.retryDone'))) reload();
  };
  const name = (value: string): string => {
    const known = STATES.find((candidate) => candidate === value);
    return known ? t(`work.${known}`) : value;
  };
  return (
    <>
      <ListPage<WorkRow>
        title={t('nav.work')}
        intro={t('work.intro')}
        pages={pages}
        empty={state ? t('work.emptyState', { state: t(`work.${state}`) }) : t('work.empty')}
        unfilter={state ? () => narrow('') : undefined}
        rowKey={(row) => row.id}
        filters={
          <>
            <Select
              aria-label={t('work.state')}
              className="lb-filter-select"
              value={state}
              onChange={narrow}
              options={[{ value: '', label: t('work.all') }, ...STATES.map((value) => ({ value, label: t(`work.${value}`) }))]}
            />
            <FailedGroups groups={failed.data?.items ?? []} onDone={reload} />
          </>
        }
        columns={[
          { title: t('work.kind'), render: (_, row) => pickText(locale, row.kindName, row.kindNameEn) },
          { title: t('cases.no'), render: (_, row) => (row.caseNo ? <Link className="lb-number" to={`/cases/${encodeURIComponent(row.caseNo)}`}>{row.caseNo}</Link> : '—') },
          { title: t('work.due'), render: (_, row) => moment(row.dueAt) },
          { title: t('work.state'), render: (_, row) => (row.state === 'failed' ? <Tag tone="bad">{name(row.state)}</Tag> : name(row.state)) },
          { title: t('work.attempts'), dataIndex: 'attempts', align: 'right' },
          { title: t('work.error'), className: 'lb-break', render: (_, row) => (row.lastError ? <code>{row.lastError}</code> : null) },
          {
            title: t('work.next'),
            render: (_, row) =>
              row.mayRetry ? (
                <div className="lb-row-buttons">
                  <Button size="small" loading={busy} onClick={() => void retry(row)}>
                    {t('action.retry')}
                  </Button>
                  <Button size="small" onClick={() => setDelayed(row)}>
                    {t('work.putOff')}
                  </Button>
                  {row.mayCancel ? (
                    <Button size="small" danger onClick={() => setGiven(row)}>
                      {t('work.giveUp')}
                    </Button>
                  ) : null}
                </div>
              ) : null,
          },
        ]}
      />
      {delayed ? <PutOffDialog row={delayed} onClose={() => setDelayed(null)} onDone={reload} /> : null}
      {given ? <GiveUpDialog row={given} onClose={() => setGiven(null)} onDone={reload} /> : null}
    </>
  );
}

/** Failed work by kind and error, each to be tried again with one button. */
function FailedGroups({ groups, onDone }: { groups: FailedWork[]; onDone: () => void }): ReactNode {
  const t = useOperationsText();
  const { locale } = useLanguage();
  const may = useMay();
  const { busy, run } = useAction();
  if (groups.length === 0) return null;
  const retry = async ({ kind, code }: FailedWork): Promise<void> => {
    if (await run(() => api.post('/admin/work/retry', { kind, code }), t('work.retryAllDone'))) onDone();
  };
  return (
    <section className="lb-failed-work" aria-label={t('work.failedTitle')}>
      <h2>{t('work.failedTitle')}</h2>
      <ul>
        {groups.map((group) => (
          <li key={`${group.kind} ${group.code}`}>
            <strong>{pickText(locale, group.kindName, group.kindNameEn)}</strong> <code className="lb-break">{group.code}</code>{' '}
            {t('work.count', { count: String(group.count) })} <span className="lb-faint">{`${t('work.since')} ${moment(group.since)}`}</span>{' '}
            {may('operation:retry') ? (
              <Button size="small" loading={busy} onClick={() => void retry(group)}>
                {t('work.retryAll')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
