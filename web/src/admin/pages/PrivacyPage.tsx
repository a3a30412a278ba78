import { Button } from 'antd';
import { useId, useState, type ReactNode } from 'react';

import type { components } from '../../api/schema';
import { moment, shortDay } from '../../case/dates';
import { listText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { UnmaskRequests } from '../../case/UnmaskRequests';
import { useItemName } from '../../case/useItemName';
import { useLanguage } from '../../i18n';
import { usePrivacyText } from '../../i18n/privacy';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { useSitesHeld } from '../../shared/session/useSitesHeld';
import { Loading, Notice } from '../../shared/states';
import { Confirmed } from '../../shared/Confirmed';
import { WideTable } from '../../shared/WideTable';
import { Holds } from './Holds';

type Schemas = components['schemas'];
type Frequent = Schemas['FrequentAnswer'];
type Due = Schemas['DueCase'];
type Erasure = Schemas['ErasureAnswer'];
type DueMaterial = Schemas['DueMaterialRow'];
type Kept = Schemas['KeptAnswer'];
type MaterialKept = Schemas['MaterialKept'];
interface List<T> { items: T[] }

/** Who looks at unmasked data, which cases are to be deleted, how long cases are kept. */
export function PrivacyPage(): ReactNode {
  const t = usePrivacyText();
  const { session } = useSession();
  const held = session?.user?.roles ?? [];
  const has = (...roles: string[]): boolean => held.some((each) => roles.includes(each.role));
  const sites = useSitesHeld('SITE_ADMIN');
  return (
    <div className="lb-privacy">
      <h1>{t('watch.title')}</h1>
      <p className="lb-soft">{t('watch.intro')}</p>
      {has('SITE_ADMIN', 'AUDITOR') ? <Frequency /> : null}
      {has('SUPERVISOR') ? <UnmaskRequests level="h2" /> : null}
      {[...sites].map(([id, name]) => <Keeping key={id} siteId={id} name={name} />)}
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
      {!found.data && found.loading ? <Loading rows={2} /> : null}
      {found.data && rows.length === 0 ? <p className="lb-none">{t('frequent.none')}</p> : null}
      {rows.length > 0 ? (
        <WideTable<Frequent>
          rowKey={(row) => `${String(row.userId)}-${String(row.siteId)}`} dataSource={rows}
          columns={[
            { title: t('frequent.name'), dataIndex: 'name' },
            { title: t('frequent.site'), dataIndex: 'siteName' },
            { title: t('frequent.hour'), align: 'right', render: (_, row) => <>{row.lastHour > row.limit ? <Tag tone="bad">{t('frequent.over', { limit: row.limit })}</Tag> : null} {row.lastHour}</> },
            { title: t('frequent.day'), dataIndex: 'lastDay', align: 'right' },
          ]}
        />
      ) : null}
    </section>
  );
}

function Keeping({ siteId, name }: { siteId: number; name: string }): ReactNode {
  const t = usePrivacyText();
  const [version, setVersion] = useState(0);
  const past = useResource<List<Erasure>>(`/retention/erasures?siteId=${String(siteId)}`);
  const [error, setError] = useState<unknown>(null);
  const decide = (row: Erasure, agrees: boolean): void => {
    setError(null);
    api.post(`/retention/erasures/${String(row.id)}/decision`, { agrees }).then(past.reload, setError);
  };
  return (
    <>
      <DueNow key={version} siteId={siteId} name={name} onAsked={past.reload} />
      <section>
        <h2>{t('erasures.title')} <small>{name}</small></h2>
        {past.error ? <ProblemNotice error={past.error} onRetry={past.reload} /> : null}
        {error ? <ProblemNotice error={error} /> : null}
        {!past.data && past.loading ? <Loading rows={2} /> : null}
        {past.data && past.data.items.length === 0 ? <p className="lb-none">{t('erasures.none')}</p> : null}
        {past.data && past.data.items.length > 0 ? (
          <WideTable<Erasure>
            rowKey="id" dataSource={past.data.items}
            columns={[
              { title: t('erasures.asked'), render: (_, row) => `${row.askedName} ${moment(row.askedAt)}` },
              { title: t('due.reason'), dataIndex: 'reason', className: 'lb-break' },
              { title: t('erasures.what'), render: (_, row) => t(`erasures.${row.what}`, { n: row.cases }) },
              { title: t('erasures.decided'), render: (_, row) => (row.decidedAt ? `${row.decidedName} ${moment(row.decidedAt)}` : '') },
              { title: t('erasures.state'), render: (_, row) => <State row={row} onDecide={decide} /> },
            ]}
          />
        ) : null}
      </section>
      <Holds siteId={siteId} name={name} onChanged={() => setVersion(version + 1)} />
    </>
  );
}

/** What is to be deleted now, or will be: cases, and materials that are kept for a shorter time; asking for it. */
function DueNow({ siteId, name, onAsked }: { siteId: number; name: string; onAsked: () => void }): ReactNode {
  const t = usePrivacyText();
  const { locale } = useLanguage();
  const itemName = useItemName();
  const id = useId();
  const [ahead, setAhead] = useState(0);
  const due = useResource<{ items: Due[]; materials: DueMaterial[] }>(`/retention/due?siteId=${String(siteId)}&ahead=${String(ahead)}`);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const cases = due.data?.items ?? [];
  const files = due.data?.materials ?? [];
  const now = new Date().toISOString();
  const free = (rows: { held: string; dueAt: string }[]): number => (ahead > 0 ? 0 : rows.filter((row) => !row.held && row.dueAt <= now).length);
  const ask = (what: 'cases' | 'materials'): void => {
    setError(null);
    api.post('/retention/erasures', { siteId, reason, what }).then(() => { setAsked(true); setReason(''); due.reload(); onAsked(); }, setError);
  };
  const until = (row: Due | DueMaterial): ReactNode => (
    <>{shortDay(row.dueAt)} {row.held ? <Tag tone="warn">{t('due.held', { reason: row.held })}</Tag> : null}</>
  );
  return (
    <section>
      <h2>{t('due.title')} <small>{name}</small></h2>
      <label htmlFor={`${id}-ahead`}>{t('due.show')}</label>
      <select id={`${id}-ahead`} className="lb-input" value={ahead} onChange={(event) => setAhead(Number(event.target.value))}>
        {[0, 30, 366].map((days) => <option key={days} value={days}>{days === 0 ? t('due.now') : t('due.ahead', { n: days })}</option>)}
      </select>
      {due.error ? <ProblemNotice error={due.error} onRetry={due.reload} /> : null}
      {!due.data && due.loading ? <Loading rows={2} /> : null}
      {due.data && cases.length + files.length === 0 ? <p className="lb-none">{t('due.none')}</p> : null}
      {cases.length > 0 ? (
        <WideTable<Due>
          rowKey="caseNo" dataSource={cases}
          columns={[
            { title: t('due.case'), dataIndex: 'caseNo' },
            { title: t('due.item'), render: (_, row) => itemName(row.itemName), className: 'lb-break' },
            { title: t('due.subject'), dataIndex: 'subject' },
            { title: t('due.closed'), render: (_, row) => shortDay(row.closedAt) },
            { title: t('due.until'), render: (_, row) => until(row) },
            { title: t('rules.source'), dataIndex: 'source', className: 'lb-break' },
          ]}
        />
      ) : null}
      {files.length > 0 ? (
        <>
          <h3>{t('due.materials')}</h3>
          <WideTable<DueMaterial>
            rowKey={(row) => `${row.caseNo}-${row.name}`} dataSource={files}
            columns={[
              { title: t('due.case'), dataIndex: 'caseNo' },
              { title: t('due.material'), dataIndex: 'name', className: 'lb-break' },
              { title: t('due.kind'), render: (_, row) => (locale === 'en' ? row.kindEn : row.kind) },
              { title: t('due.closed'), render: (_, row) => shortDay(row.closedAt) },
              { title: t('due.until'), render: (_, row) => until(row) },
              { title: t('rules.source'), dataIndex: 'source', className: 'lb-break' },
            ]}
          />
        </>
      ) : null}
      {free(cases) + free(files) > 0 ? (
        <form onSubmit={(event) => event.preventDefault()}>
          <label htmlFor={`${id}-reason`}>{t('due.reason')}</label>
          <input id={`${id}-reason`} className="lb-input" required minLength={2} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
          {free(cases) > 0 ? <Button disabled={reason.trim().length < 2} onClick={() => ask('cases')}>{t('due.ask', { n: free(cases) })}</Button> : null}
          {free(files) > 0 ? <Button disabled={reason.trim().length < 2} onClick={() => ask('materials')}>{t('due.askMaterials', { n: free(files) })}</Button> : null}
        </form>
      ) : null}
      {asked ? <Notice tone="good">{t('due.asked')}</Notice> : null}
      {error ? <ProblemNotice error={error} /> : null}
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
      <Confirmed ask={t(row.what === 'cases' ? 'erasures.sure' : 'erasures.sureMaterials', { n: row.cases })} verb={t('erasures.agree')} onConfirm={() => onDecide(row, true)} size="small" danger>{t('erasures.agree')}</Confirmed>
      <Button size="small" onClick={() => onDecide(row, false)}>{t('requests.refuse')}</Button>
    </span>
  );
}

function Rules(): ReactNode {
  const t = usePrivacyText();
  const { locale } = useLanguage();
  const itemName = useItemName();
  const rules = useResource<{ items: Kept[]; materials: MaterialKept[] }>('/retention/rules');
  return (
    <section>
      <h2>{t('rules.title')}</h2>
      {rules.error ? <ProblemNotice error={rules.error} onRetry={rules.reload} /> : null}
      {!rules.data && rules.loading ? <Loading rows={4} /> : null}
      {rules.data ? <WideTable<Kept>
        rowKey="itemCode" dataSource={rules.data.items}
        columns={[
          { title: t('rules.item'), render: (_, row) => itemName(row.itemName), className: 'lb-break' },
          { title: t('rules.years'), render: (_, row) => (row.years === 0 ? t('rules.forEver') : t('rules.year', { n: row.years })) },
          { title: t('rules.source'), dataIndex: 'source', className: 'lb-break' },
        ]}
      /> : null}
      <h3>{t('rules.materials')}</h3>
      {rules.data ? <WideTable<MaterialKept>
        rowKey={(row) => `${row.itemName}-${row.name}`} dataSource={rules.data.materials}
        columns={[
          { title: t('rules.item'), render: (_, row) => itemName(row.itemName), className: 'lb-break' },
          { title: t('due.kind'), render: (_, row) => (locale === 'en' ? row.nameEn : row.name) },
          { title: t('due.material'), render: (_, row) => listText(locale, row.materials), className: 'lb-break' },
          { title: t('rules.years'), render: (_, row) => (row.years === 0 ? t('rules.asCase') : t('rules.year', { n: row.years })) },
          { title: t('rules.source'), dataIndex: 'source', className: 'lb-break' },
        ]}
      /> : null}
    </section>
  );
}
