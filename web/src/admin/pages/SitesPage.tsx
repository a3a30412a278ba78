import { Button } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { labelled, listText, pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useAdminText } from '../../i18n/admin';
import { usePeopleText } from '../../i18n/people';
import { usePlacesText } from '../../i18n/places';
import { useSetUpText } from '../../i18n/setup';
import { api } from '../../shared/api/client';
import { useMay } from '../../shared/session/useMay';
import { useSitesHeld } from '../../shared/session/useSitesHeld';
import { EmptyState, Loading, Notice } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import { Sheets } from '../people/Sheets';
import { SiteDialog } from '../people/SiteDialog';
import { SiteKeys } from '../people/SiteKeys';
import { SECTORS } from '../sectors';
import type { SiteRow, UserRow } from '../types';
import { useAction } from '../useAction';

type Exceptions = components['schemas']['ExceptionList'];
type Rows<T> = { items: T[] } | T[];

function listOf<T>(answer: Rows<T> | null): T[] {
  if (answer === null) return [];
  return Array.isArray(answer) ? answer : answer.items;
}

function sectorName(sector: string, t: ReturnType<typeof useAdminText>): string {
  const known = SECTORS.find((candidate) => candidate === sector);
  return known ? t(`sector.${known}`) : sector;
}

/** Sites of the network and who works there. */
export function SitesPage(): ReactNode {
  const t = useAdminText();
  const p = usePeopleText();
  const may = useMay();
  const reads = may('users:read');
  const sites = useResource<Rows<SiteRow>>('/admin/sites');
  const known = useResource<Exceptions>(reads ? '/admin/role-exceptions' : null);
  const doubled = known.data?.items ?? [];
  const su = useSetUpText();
  const keeps = may('users:sites');
  const [open, setOpen] = useState<number[]>([]);
  const turn = (id: number): void => setOpen(open.includes(id) ? open.filter((each) => each !== id) : [...open, id]);
  const words = usePlacesText();
  const own = useSitesHeld('SITE_ADMIN');
  const readsKeys = may('connection:read');
  const hasKeys = (id: number): boolean => readsKeys && (own.size === 0 || own.has(id));
  const [keysOf, setKeysOf] = useState<SiteRow | null>(null);
  const [editing, setEditing] = useState<SiteRow | 'new' | null>(null);
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('nav.sites')}</h1>
        {keeps ? <Button type="primary" onClick={() => setEditing('new')}>{su('si.add')}</Button> : null}
      </div>
      {known.data?.onePerson ? <Notice tone="warn">{p('dup.onePerson')}</Notice> : null}
      {sites.error ? <ProblemNotice error={sites.error} onRetry={sites.reload} /> : null}
      {sites.data && listOf(sites.data).length === 0 ? <EmptyState text={su('si.empty')} /> : null}
      {listOf(sites.data).length > 0 ? (
        <WideTable<SiteRow>
          rowKey="id"
          dataSource={listOf(sites.data)}
          expandable={{ showExpandColumn: false, expandedRowKeys: open, expandedRowRender: (site) => <><Users siteId={site.id} /><Doubled rows={doubled.filter((row) => row.siteId === site.id)} /></> }}
          columns={[
            {
              title: t('sites.name'),
              render: (_, row) => <>{row.name} {doubled.some((each) => each.siteId === row.id) ? <Tag tone="warn">{p('dup.title')}</Tag> : null}</>,
            },
            { title: t('sites.code'), dataIndex: 'code' },
            { title: t('sites.region'), render: (_, row) => <>{row.regionName} <span className="lb-faint">{row.regionCode}</span></> },
            { title: t('sites.sector'), render: (_, row) => sectorName(row.sector, t) },
            { title: t('sites.phone'), dataIndex: 'phone' },
            { title: t('users.active'), render: (_, row) => <Tag tone={row.isLocal ? 'good' : 'info'}>{t(row.isLocal ? 'sites.local' : 'sites.remote')}</Tag> },
            {
              title: su('si.act'),
              render: (_, row) => (
                <span className="lb-row-buttons">
                  {reads ? (
                    <Button size="small" aria-expanded={open.includes(row.id)} aria-label={t(open.includes(row.id) ? 'sites.hideOf' : 'sites.showOf', { name: row.name })} onClick={() => turn(row.id)}>
                      {t(open.includes(row.id) ? 'sites.hide' : 'sites.show')}
                    </Button>
                  ) : null}
                  {hasKeys(row.id) ? <Button size="small" aria-label={words('sk.of', { name: row.name })} onClick={() => setKeysOf(row)}>{words('sk.open')}</Button> : null}
                  {keeps ? <Button size="small" aria-label={`${su('si.change')} ${row.name}`} onClick={() => setEditing(row)}>{su('si.change')}</Button> : null}
                </span>
              ),
            },
          ]}
        />
      ) : sites.data || sites.error ? null : (
        <Loading />
      )}
      {keeps ? <Regions /> : null}
      {keeps ? <Sheets kinds={['sites', 'regions']} onDone={sites.reload} /> : null}
      {keysOf ? <SiteKeys site={keysOf} onClose={() => setKeysOf(null)} /> : null}
      {editing ? <SiteDialog row={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onDone={sites.reload} /> : null}
    </>
  );
}

/** 行政区划: all of GB/T 2260 at once, before there are sites. */
function Regions(): ReactNode {
  const t = useSetUpText();
  const { busy, run } = useAction();
  return (
    <p className="lb-soft">
      {t('su.regionsHint')} <Button size="small" loading={busy} onClick={() => void run(() => api.post('/admin/regions/standard', {}), t('su.loaded'))}>{t('su.load')}</Button>
    </p>
  );
}

function Users({ siteId }: { siteId: number }): ReactNode {
  const t = useAdminText();
  const { locale } = useLanguage();
  const users = useResource<Rows<UserRow>>(`/admin/users?siteId=${String(siteId)}`);
  if (users.error) return <ProblemNotice error={users.error} onRetry={users.reload} />;
  if (!users.data) return <Loading rows={3} />;
  if (listOf(users.data).length === 0) return <p className="lb-none">{t('users.none')}</p>;
  return (
    <WideTable<UserRow>
      rowKey="id"
      dataSource={listOf(users.data)}
      columns={[
        { title: t('users.name'), dataIndex: 'name' },
        { title: t('users.login'), dataIndex: 'login' },
        { title: t('users.roles'), render: (_, row) => listText(locale, row.roles.map((role) => pickText(locale, role.roleName, role.roleNameEn))) },
        { title: t('users.active'), render: (_, row) => t(row.isActive ? 'users.on' : 'users.off') },
      ]}
    />
  );
}

/** 一人兼岗 at a site: who, which roles, why and until when. */
function Doubled({ rows }: { rows: Exceptions['items'] }): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  if (rows.length === 0) return null;
  return (
    <section aria-label={t('dup.title')}>
      <h3>{t('dup.title')}</h3>
      <p className="lb-faint">{t('dup.intro')}</p>
      <ul className="lb-versions">
        {rows.map((row) => (
          <li key={row.userId}>
            <strong>{row.name}</strong> {listText(locale, locale === 'en' ? row.roleNamesEn : row.roleNames)}{' '}
            {row.endsOn ? <Tag tone="warn">{t('dup.until', { date: row.endsOn })}</Tag> : null}
            <div className={row.reason ? 'lb-soft' : 'lb-warn'}>{labelled(locale, t('dup.reason'), row.reason || t('dup.unknown'))}</div>
            {row.givenName ? <div className="lb-faint">{labelled(locale, t('dup.given'), row.givenName)}</div> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
