import { Button, InputNumber, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { moment } from '../../case/dates';
import { query, usePages, useResource } from '../../case/resource';
import { Tag, type TagTone } from '../../case/tags';
import { useOperationsText } from '../../i18n/operations';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { Confirmed } from '../../shared/Confirmed';
import { Dialog } from '../../shared/Dialog';
import { ListPage } from '../ListPage';
import { JOB_STATES, type JobRow, type JobState } from '../types';
import { useAction } from '../useAction';

const TONES: Record<JobState, TagTone> = { waiting: 'info', locked: 'info', retrying: 'warn', failed: 'bad', done: 'good', cancelled: 'mute' };
const RUN = ['SITE_ADMIN', 'PLATFORM_ADMIN'];

/** Service tasks that other systems do: who has them, what failed, what to do about it. */
export function JobsPage(): ReactNode {
  const t = useOperationsText();
  const { session } = useSession();
  const [search, setSearch] = useSearchParams();
  const state = search.get('state') ?? '';
  const topic = search.get('topic') ?? '';
  const pages = usePages<JobRow>(`/admin/jobs${query({ state, topic })}`);
  const topics = useResource<{ topics: { topic: string; count: number }[] }>('/admin/jobs?limit=1');
  const { busy, run } = useAction();
  const mayRun = session?.user?.roles.some((held) => RUN.includes(held.role)) ?? false;
  const narrow = (values: { state?: string; topic?: string }): void => {
    const merged = { state, topic, ...values };
    setSearch(Object.fromEntries(Object.entries(merged).filter(([, value]) => value)));
  };
  const act = async (work: () => Promise<unknown>, done: string): Promise<void> => {
    if (await run(work, done)) {
      pages.reload();
      topics.reload();
    }
  };
  return (
    <ListPage<JobRow>
      title={t('nav.jobs')}
      intro={t('jobs.intro')}
      pages={pages}
      empty={t(state || topic ? 'jobs.emptyFilter' : 'jobs.empty')}
      unfilter={state || topic ? () => setSearch({}) : undefined}
      rowKey={(row) => row.id}
      filters={
        <>
          <Select
            aria-label={t('jobs.state')}
            className="lb-filter-select"
            value={state}
            onChange={(value: string) => narrow({ state: value })}
            options={[{ value: '', label: t('jobs.all') }, ...JOB_STATES.map((value) => ({ value, label: t(`jobs.${value}`) }))]}
          />
          <Select
            aria-label={t('jobs.topic')}
            className="lb-filter-select"
            value={topic}
            onChange={(value: string) => narrow({ topic: value })}
            options={[
              { value: '', label: t('jobs.allTopics') },
              ...(topics.data?.topics ?? []).map((each) => ({ value: each.topic, label: `${each.topic} (${String(each.count)})` })),
            ]}
          />
          {mayRun && topic ? (
            <Confirmed ask={t('jobs.retryAllAsk', { topic })} verb={t('jobs.retryAll')} onConfirm={() => void act(() => api.post('/admin/jobs/retry', { topic }), t('jobs.retryAllDone'))} loading={busy}>{t('jobs.retryAll')}</Confirmed>
          ) : null}
        </>
      }
      columns={[
        {
          title: t('jobs.topic'),
          render: (_, row) => (
            <>
              <code>{row.topic}</code>
              <div className="lb-faint">{row.isCall ? t('jobs.isCall') : asked(t('jobs.lastAsked'), row.lastAskedAt, t('jobs.neverAsked'))}</div>
            </>
          ),
        },
        {
          title: t('jobs.where'),
          render: (_, row) => (
            <>
              {row.elementName}
              <div><Link className="lb-number" to={`/cases/${encodeURIComponent(row.caseNo)}`}>{row.caseNo}</Link></div>
              <div className="lb-faint">{row.siteName}</div>
            </>
          ),
        },
        {
          title: t('jobs.state'),
          render: (_, row) => (
            <>
              <Tag tone={TONES[row.state]}>{t(`jobs.${row.state}`)}</Tag>
              <div className="lb-faint">{t('jobs.triesOf', { n: row.attempts, left: row.retriesLeft })}</div>
              {row.state === 'retrying' ? <div className="lb-faint">{t('jobs.next', { time: moment(row.availableAt) })}</div> : null}
            </>
          ),
        },
        { title: t('jobs.age'), render: (_, row) => moment(row.createdAt) },
        {
          title: t('jobs.holder'),
          render: (_, row) => (
            <>
              {[row.clientName, row.workerId].filter(Boolean).join(' · ')}
              {row.lockExpiresAt ? <div className="lb-faint">{t('jobs.until', { time: moment(row.lockExpiresAt) })}</div> : null}
            </>
          ),
        },
        {
          title: t('jobs.error'),
          render: (_, row) =>
            row.errorCode ? (
              <>
                <code>{row.errorCode}</code>
                <div className="lb-break">{row.error}</div>
              </>
            ) : null,
        },
        {
          title: t('cases.actions'),
          render: (_, row) => (mayRun ? <Actions row={row} busy={busy} act={act} /> : null),
        },
      ]}
    />
  );
}

function asked(label: string, at: string | null, never: string): string {
  return at ? `${label} ${moment(at)}` : never;
}

function Actions({ row, busy, act }: { row: JobRow; busy: boolean; act: (work: () => Promise<unknown>, done: string) => Promise<void> }): ReactNode {
  const t = useOperationsText();
  const [setting, setSetting] = useState(false);
  const [retries, setRetries] = useState(row.retriesLeft || 1);
  const path = `/admin/jobs/${encodeURIComponent(row.id)}`;
  const open = row.state === 'waiting' || row.state === 'locked' || row.state === 'retrying';
  return (
    <div className="lb-row-buttons">
      {row.state === 'failed' || row.state === 'retrying' ? (
        <Button size="small" loading={busy} onClick={() => void act(() => api.post(`${path}/retry`), t('action.retryDone'))}>
          {t('jobs.retry')}
        </Button>
      ) : null}
      {row.state === 'locked' && !row.isCall ? (
        <Confirmed ask={t('jobs.unlockAsk')} verb={t('jobs.unlock')} onConfirm={() => void act(() => api.post(`${path}/unlock`), t('jobs.unlocked'))} size="small" loading={busy}>{t('jobs.unlock')}</Confirmed>
      ) : null}
      {open ? (
        <Button size="small" onClick={() => setSetting(true)}>{t('jobs.setRetries')}</Button>
      ) : null}
      {setting ? (
        <Dialog
          title={t('jobs.setRetries')}
          okText={t('jobs.setRetries')}
          cancelText={t('action.cancel')}
          confirmLoading={busy}
          onCancel={() => setSetting(false)}
          onOk={() => void act(() => api.put(`${path}/retries`, { retries }), t('jobs.retriesSet')).then(() => setSetting(false))}
        >
          <label htmlFor="job-retries">{t('jobs.retriesLeft')}</label>{' '}
          <InputNumber controls={false} id="job-retries" min={1} max={100} precision={0} value={retries} onChange={(value) => setRetries(value ?? 1)} />
        </Dialog>
      ) : null}
    </div>
  );
}
