import { Button } from 'antd';
import { useId, useState, type ReactNode } from 'react';

import type { components } from '../../api/schema';
import { longDay, moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { UnmaskRequests } from '../../case/UnmaskRequests';
import { useLanguage } from '../../i18n';
import { usePrivacyText } from '../../i18n/privacy';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { Notice } from '../../shared/states';
import { WideTable } from '../WideTable';

type Schemas = components['schemas'];
type Frequent = Schemas['FrequentAnswer'];
type Due = Schemas['DueCase'];
type Erasure = Schemas['ErasureAnswer'];
type Kept = Schemas['KeptAnswer'];
interface List<T> { items: T[] }

/** Who looks at unmasked data, which cases are to be deleted, how long cases are kept. */
export function PrivacyPage(): ReactNode {
  const t = usePrivacyText();
  const { session } = useSession();
  const held = session?.user?.roles ?? [];
  const has = (...roles: string[]): boolean => held.some((each) => roles.includes(each.role));
  const sites = held.filter((each) => each.role === 'SITE_ADMIN');
  return (
    <div className="lb-privacy">
      <h1>{t('watch.title')}</h1>
      <p className="lb-soft">{t('watch.intro')}</p>
      {has('SITE_ADMIN', 'AUDITOR') ? <Frequency /> : null}
      {has('SUPERVISOR') ? <UnmaskRequests level="h2" /> : null}
      {sites.map((site) => <Keeping key={site.siteId} siteId={site.siteId} name={site.siteName} />)}
      {has('SITE_ADMIN', 'PLATFORM_ADMIN', 'AUDITOR') ? <Rules /> : null}
    </div>
  );
}

function Frequency(): ReactNode {
  const t = usePrivacyText();
  const found = useResource<List<Frequent>>('/unmask-alerts');
  const rows = found.data?.items ?? [];
  return (
    <section>
      <h2>{t('frequent.title')}</h2>
      {found.error ? <ProblemNotice error={found.error} onRetry={found.reload} /> : null}
      {found.data && rows.length === 0 ? <p>{t('frequent.none')}</p> : null}
      {rows.length > 0 ? (
        <WideTable<Frequent>
          rowKey={(row) => `${String(row.userId)}-${String(row.siteId)}`} dataSource={rows}
          columns={[
            { title: t('frequent.name'), dataIndex: 'name' },
            { title: t('frequent.site'), dataIndex: 'siteName' },
            { title: t('frequent.hour'), render: (_, row) => <>{row.lastHour} {row.lastHour > row.limit ? <Tag tone="bad">{t('frequent.over', { limit: row.limit })}</Tag> : null}</> },
            { title: t('frequent.day'), dataIndex: 'lastDay' },
          ]}
        />
      ) : null}
    </section>
  );
}

function Keeping({ siteId, name }: { siteId: number; name: string }): ReactNode {
  const t = usePrivacyText();
  const { locale } = useLanguage();
  const id = useId();
  const due = useResource<List<Due>>(`/retention/due?siteId=${String(siteId)}`);
  const past = useResource<List<Erasure>>(`/retention/erasures?siteId=${String(siteId)}`);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const rows = due.data?.items ?? [];
  const free = rows.filter((row) => !row.held).length;
  const reload = (): void => { due.reload(); past.reload(); };
  const ask = (): void => {
    setError(null);
    api.post('/retention/erasures', { siteId, reason }).then(() => { setAsked(true); setReason(''); reload(); }, setError);
  };
  const decide = (row: Erasure, agrees: boolean): void => {
    setError(null);
    api.post(`/retention/erasures/${String(row.id)}/decision`, { agrees }).then(reload, setError);
  };
  return (
    <section>
      <h2>{t('due.title')} <small>{name}</small></h2>
      {due.error ? <ProblemNotice error={due.error} onRetry={due.reload} /> : null}
      {due.data && rows.length === 0 ? <p>{t('due.none')}</p> : null}
      {rows.length > 0 ? (
        <WideTable<Due>
          rowKey="caseNo" dataSource={rows}
          columns={[
            { title: t('due.case'), dataIndex: 'caseNo' },
            { title: t('due.item'), dataIndex: 'itemName' },
            { title: t('due.subject'), dataIndex: 'subject' },
            { title: t('due.closed'), render: (_, row) => longDay(row.closedAt, locale) },
            { title: t('due.until'), render: (_, row) => <>{longDay(row.dueAt, locale)} {row.held ? <Tag tone="warn">{t('due.held', { reason: row.held })}</Tag> : null}</> },
          ]}
        />
      ) : null}
      {free > 0 ? (
        <form onSubmit={(event) => { event.preventDefault(); ask(); }}>
          <label htmlFor={`${id}-reason`}>{t('due.reason')}</label>
          <input id={`${id}-reason`} className="lb-input" required minLength={2} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
          <Button htmlType="submit">{t('due.ask', { n: free })}</Button>
        </form>
      ) : null}
      {asked ? <Notice tone="good">{t('due.asked')}</Notice> : null}
      {error ? <ProblemNotice error={error} /> : null}
      <h3>{t('erasures.title')}</h3>
      {past.data && past.data.items.length === 0 ? <p>{t('erasures.none')}</p> : null}
      {past.data && past.data.items.length > 0 ? (
        <WideTable<Erasure>
          rowKey="id" dataSource={past.data.items}
          columns={[
            { title: t('erasures.asked'), render: (_, row) => `${row.askedName} ${moment(row.askedAt)}` },
            { title: t('due.reason'), dataIndex: 'reason' },
            { title: t('erasures.cases'), dataIndex: 'cases' },
            { title: t('erasures.decided'), render: (_, row) => (row.decidedAt ? `${row.decidedName} ${moment(row.decidedAt)}` : '') },
            { title: t('erasures.state'), render: (_, row) => <State row={row} onDecide={decide} /> },
          ]}
        />
      ) : null}
    </section>
  );
}

function State({ row, onDecide }: { row: Erasure; onDecide: (row: Erasure, agrees: boolean) => void }): ReactNode {
  const t = usePrivacyText();
  const words = t(`erasures.${row.state as 'asked'}.state`, { done: row.done, kept: row.kept, n: row.cases });
  if (row.state !== 'asked' || row.mine) return words;
  return (
    <span className="lb-row">
      {words}
      <Button size="small" onClick={() => onDecide(row, true)}>{t('requests.agree')}</Button>
      <Button size="small" onClick={() => onDecide(row, false)}>{t('requests.refuse')}</Button>
    </span>
  );
}

function Rules(): ReactNode {
  const t = usePrivacyText();
  const rules = useResource<List<Kept>>('/retention/rules');
  if (rules.error) return <ProblemNotice error={rules.error} onRetry={rules.reload} />;
  return (
    <section>
      <h2>{t('rules.title')}</h2>
      <WideTable<Kept>
        rowKey="itemCode" dataSource={rules.data?.items ?? []}
        columns={[
          { title: t('rules.item'), dataIndex: 'itemName', className: 'lb-break' },
          { title: t('rules.years'), render: (_, row) => (row.years === 0 ? t('rules.forEver') : t('rules.year', { n: row.years })) },
          { title: t('rules.source'), dataIndex: 'source', className: 'lb-break' },
        ]}
      />
    </section>
  );
}
