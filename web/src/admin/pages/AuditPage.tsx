import { Tabs, type TableColumnsType } from 'antd';
import { useId, useState, type ReactNode } from 'react';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { usePages, useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useEvidenceText } from '../../i18n/evidence';
import { useMay } from '../../shared/session/useMay';
import { EmptyState, Loading } from '../../shared/states';
import { ListPage } from '../ListPage';

type Line = components['schemas']['LogLine'];
type Read = components['schemas']['ReadLine'];
type Anchor = components['schemas']['AnchorAnswer'];
type Keys = components['schemas']['KeyList'];

const NONE = { caseNo: '', actor: '', kind: '', since: '', until: '' };
type Wanted = typeof NONE;

/** The auditor's page: acts, reads and configuration by person, case, kind and time; anchors and public keys. */
export function AuditPage(): ReactNode {
  const t = useEvidenceText();
  const reads = useMay()('audit:read');
  return (
    <>
      <h1>{t('nav.audit')}</h1>
      <p className="lb-soft">{t('page.intro')}</p>
      <Tabs
        destroyOnHidden
        items={[
          ...(reads
            ? [
                { key: 'events', label: t('tab.events'), children: <Log title={t('tab.events')} path="/admin/audit/events" /> },
                { key: 'reads', label: t('tab.reads'), children: <Log title={t('tab.reads')} path="/admin/audit/reads" reads /> },
              ]
            : []),
          { key: 'config', label: t('tab.config'), children: <Log title={t('tab.config')} path="/admin/audit/events" config /> },
          { key: 'anchors', label: t('tab.anchors'), children: <Published /> },
        ]}
      />
    </>
  );
}

function address(path: string, wanted: Wanted, config: boolean): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) {
    if (value) search.set(name, name === 'since' ? `${value}T00:00:00+08:00` : name === 'until' ? `${value}T23:59:59+08:00` : value);
  }
  if (config) search.set('config', 'true');
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

function Log({ title, path, reads = false, config = false }: { title: string; path: string; reads?: boolean; config?: boolean }): ReactNode {
  const t = useEvidenceText();
  const [wanted, setWanted] = useState<Wanted>(NONE);
  const pages = usePages<Line & Partial<Read>>(address(path, wanted, config));
  const columns = useColumns(reads, config);
  return <ListPage<Line & Partial<Read>> level={2} title={title} untitled filters={<Filters onSearch={setWanted} config={config} />} pages={pages} empty={t('empty')} rowKey={(row) => row.id} columns={columns} />;
}

function useColumns(reads: boolean, config: boolean): TableColumnsType<Line & Partial<Read>> {
  const t = useEvidenceText();
  const { locale } = useLanguage();
  const pick = (zh = '', en = ''): string => (locale === 'en' ? en : zh);
  return [
    { title: t('col.at'), render: (_, row) => moment(row.at) },
    { title: t('col.title'), render: (_, row) => <>{pick(row.title, row.titleEn)}<div className="lb-faint">{row.kind}</div></> },
    { title: t('col.who'), render: (_, row) => <>{row.actorName === row.roleName ? null : row.actorName}{row.forName ? <div>{t('col.for', { name: row.forName })}</div> : null}<div className="lb-faint">{pick(row.roleName, row.roleNameEn)}</div></> },
    { title: t('col.site'), dataIndex: 'siteName' },
    ...(config ? [] : [{ title: t('col.case'), render: (_: unknown, row: Line) => <span className="lb-number">{row.caseNo}</span> }]),
    ...(reads
      ? [
          { title: t('col.purpose'), render: (_: unknown, row: Partial<Read>) => pick(row.purpose, row.purposeEn) },
          { title: t('col.fields'), render: (_: unknown, row: Partial<Read>) => locale === 'en' ? (row.fieldNamesEn ?? []).join(', ') : (row.fieldNames ?? []).join('、') },
        ]
      : []),
    { title: t('col.data'), render: (_, row) => <Data data={row.data} /> },
    { title: t('col.where'), render: (_, row) => <span className="lb-faint">{row.node} / {row.session || '–'}</span> },
    { title: t('col.hash'), render: (_, row) => <span className="lb-number" title={row.hash ?? ''}>{row.hash ? row.hash.slice(0, 12) : t('hash.waiting')}</span> },
  ];
}

/** A value as it stands on record; of a digest the beginning, like in the column of hashes. */
function shortly(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[0-9a-f]{40,}$/.test(value) ? `${value.slice(0, 12)}…` : value;
}

function Data({ data }: { data: Record<string, unknown> }): ReactNode {
  const entries = Object.entries(data).filter(([, value]) => value !== null && value !== '');
  return (
    <div style={{ maxWidth: '24rem', overflowWrap: 'anywhere', whiteSpace: 'normal' }}>
      {entries.map(([name, value]) => (
        <div key={name}>{name}: <span title={typeof value === 'string' ? value : undefined}>{shortly(value)}</span></div>
      ))}
    </div>
  );
}

function Filters({ onSearch, config }: { onSearch: (wanted: Wanted) => void; config: boolean }): ReactNode {
  const t = useEvidenceText();
  const id = useId();
  const [typed, setTyped] = useState<Wanted>(NONE);
  const names: (keyof Wanted)[] = config ? ['actor', 'kind', 'since', 'until'] : ['caseNo', 'actor', 'kind', 'since', 'until'];
  return (
    <form className="lb-filters" onSubmit={(event) => { event.preventDefault(); onSearch({ ...typed }); }}>
      {names.map((name) => (
        <div key={name}>
          <label htmlFor={`${id}-${name}`}>{t(`filter.${name}`)}</label>
          <input id={`${id}-${name}`} className="lb-input" type={name === 'since' || name === 'until' ? 'date' : 'text'} maxLength={64} autoComplete="off" value={typed[name]} onChange={(event) => setTyped({ ...typed, [name]: event.target.value.trim() })} />
        </div>
      ))}
      <button type="submit" className="lb-button" data-kind="primary">{t('filter.search')}</button>
    </form>
  );
}

function Published(): ReactNode {
  const t = useEvidenceText();
  const pages = usePages<Anchor>('/anchors');
  const keys = useResource<Keys>('/anchors/keys');
  return (
    <>
      <ListPage<Anchor>
        level={2}
        title={t('anchors.title')}
        intro={t('anchors.intro')}
        pages={pages}
        empty={t('anchors.empty')}
        rowKey={(row) => row.number}
        columns={[
          { title: t('anchors.number'), dataIndex: 'number', align: 'right' },
          { title: t('col.at'), render: (_, row) => moment(row.at) },
          { title: t('anchors.leaves'), dataIndex: 'leafCount', align: 'right' },
          { title: t('col.hash'), render: (_, row) => <span className="lb-number" title={row.hash}>{row.hash.slice(0, 24)}</span> },
          { title: t('keys.id'), render: (_, row) => <span className="lb-number">{row.key}</span> },
        ]}
      />
      <h2>{t('keys.title')}</h2>
      {keys.error ? <ProblemNotice error={keys.error} onRetry={keys.reload} /> : null}
      {!keys.data && keys.loading ? <Loading rows={2} /> : null}
      {keys.data?.items.length === 0 ? <EmptyState text={t('keys.empty')} /> : null}
      {keys.data?.items.map((key) => (
        <dl key={key.id}>
          <dt>{t('keys.id')}</dt>
          <dd className="lb-number">{key.id}</dd>
          <dt>{t('keys.public')}</dt>
          <dd className="lb-number" style={{ overflowWrap: 'anywhere' }}>{key.publicKey}</dd>
          <dt>{t('keys.from')}</dt>
          <dd>{moment(key.createdAt)}</dd>
          {key.retiredAt ? <><dt>{t('keys.to')}</dt><dd>{moment(key.retiredAt)}</dd></> : null}
        </dl>
      ))}
      <p><a href="/api/v1/anchors/verifier" download>{t('keys.verifier')}</a></p>
    </>
  );
}
