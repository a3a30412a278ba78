import { Table } from 'antd';
import { type ReactNode } from 'react';

import { ProblemNotice } from '../../case/problem';
import { pickText } from '../../case/language';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useAdminText } from '../../i18n/admin';
import { Loading } from '../../shared/states';
import type { SiteRow, UserRow } from '../types';

type Rows<T> = { items: T[] } | T[];

function listOf<T>(answer: Rows<T> | null): T[] {
  if (answer === null) return [];
  return Array.isArray(answer) ? answer : answer.items;
}

const SECTORS = ['police', 'water', 'supervision', 'tax', 'fund', 'social', 'medical', 'transport'] as const;

function sectorName(sector: string, t: ReturnType<typeof useAdminText>): string {
  const known = SECTORS.find((candidate) => candidate === sector);
  return known ? t(`sector.${known}`) : sector;
}

/** Sites of the network and who works there. */
export function SitesPage(): ReactNode {
  const t = useAdminText();
  const sites = useResource<Rows<SiteRow>>('/admin/sites');
  return (
    <>
      <h1>{t('nav.sites')}</h1>
      {sites.error ? <ProblemNotice error={sites.error} onRetry={sites.reload} /> : null}
      {sites.data ? (
        <Table<SiteRow>
          rowKey="id"
          size="small"
          pagination={false}
          scroll={{ x: 'max-content' }}
          dataSource={listOf(sites.data)}
          expandable={{ columnTitle: t('sites.users'), expandedRowRender: (site) => <Users siteId={site.id} /> }}
          columns={[
            { title: t('sites.name'), dataIndex: 'name' },
            { title: t('sites.code'), dataIndex: 'code' },
            { title: t('sites.region'), render: (_, row) => `${row.regionName}（${row.regionCode}）` },
            { title: t('sites.sector'), render: (_, row) => sectorName(row.sector, t) },
            { title: t('sites.phone'), dataIndex: 'phone' },
            { title: t('users.active'), render: (_, row) => <Tag tone={row.isLocal ? 'good' : 'info'}>{t(row.isLocal ? 'sites.local' : 'sites.remote')}</Tag> },
          ]}
        />
      ) : sites.error ? null : (
        <Loading />
      )}
    </>
  );
}

function Users({ siteId }: { siteId: number }): ReactNode {
  const t = useAdminText();
  const { locale } = useLanguage();
  const users = useResource<Rows<UserRow>>(`/admin/users?siteId=${String(siteId)}`);
  if (users.error) return <ProblemNotice error={users.error} onRetry={users.reload} />;
  if (!users.data) return <Loading rows={3} />;
  return (
    <Table<UserRow>
      rowKey="id"
      size="small"
      pagination={false}
      dataSource={listOf(users.data)}
      columns={[
        { title: t('users.name'), dataIndex: 'name' },
        { title: t('users.login'), dataIndex: 'login' },
        { title: t('users.roles'), render: (_, row) => row.roles.map((role) => pickText(locale, role.roleName, role.roleNameEn)).join('、') },
        { title: t('users.active'), render: (_, row) => t(row.isActive ? 'users.on' : 'users.off') },
      ]}
    />
  );
}
