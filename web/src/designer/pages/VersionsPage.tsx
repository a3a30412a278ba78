import { App, Space } from 'antd';
import { type ReactNode } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { moment } from '../../case/dates';
import { pickText } from '../../case/language';
import { useLanguage } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import { api, Problem } from '../../shared/api/client';
import { useLoad } from '../../shared/api/useLoad';
import { Confirmed } from '../../shared/Confirmed';
import { useMay } from '../../shared/session/useMay';
import { EmptyState, ErrorState, Loading } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import { type Draft, type Many, type VersionRow, rows } from '../types';

/** Deployed versions of one model, newest first. */
export function VersionsPage(): ReactNode {
  const t = useDesignerText();
  const { key = '' } = useParams();
  const loaded = useLoad((signal) => api.get<Many<VersionRow>>(`/definitions/${key}/versions`, { signal }).then(rows), key);
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('versions.title', { name: loaded.data?.[0]?.name ?? key })}</h1>
        <Link to="/">{t('action.back')}</Link>
      </div>
      {loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : null}
      {loaded.data ? <App><Versions modelKey={key} versions={loaded.data} /></App> : loaded.problem ? null : <Loading />}
    </>
  );
}

function Versions({ modelKey, versions }: { modelKey: string; versions: VersionRow[] }): ReactNode {
  const t = useDesignerText();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const { locale } = useLanguage();
  const may = useMay();
  const drafts = may('design:draft');
  const mayMove = may('migrate:execute');
  if (versions.length === 0) return <EmptyState text={t('versions.empty')} />;

  const restore = async (version: VersionRow): Promise<void> => {
    try {
      const xml = await api.get<string>(`/definitions/versions/${String(version.id)}/xml`);
      const draft = await api.get<Draft>(`/drafts/${modelKey}`);
      await api.put(`/drafts/${modelKey}`, { name: draft.name, xml }, { ifMatch: '*' });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      void message.error(pickText(locale, error.document.title, error.document.titleEn), 8);
      return;
    }
    await navigate(`/models/${modelKey}`);
  };
  return (
    <WideTable<VersionRow>
      rowKey="id"
      dataSource={versions}
      columns={[
        { title: t('versions.version'), render: (_, row) => t('versions.number', { version: row.version }) },
        { title: t('versions.at'), render: (_, row) => moment(row.deployedAt) },
        { title: t('versions.by'), dataIndex: 'deployedByName' },
        { title: t('versions.note'), dataIndex: 'note' },
        { title: t('list.running'), dataIndex: 'runningCases', align: 'right' },
        {
          title: t('list.actions'),
          render: (_, row) => (
            <Space>
              <Link to={`/versions/${modelKey}/${String(row.id)}`}>{t('versions.view')}</Link>
              {mayMove && versions.length > 1 && row.runningCases > 0 ? <Link to={`/versions/${modelKey}/${String(row.id)}/move`}>{t('move.action')}</Link> : null}
              {drafts ? (
                <Confirmed
                  ask={t('versions.draftAsk', { version: row.version })} verb={t('versions.draft')} type="link" size="small"
                  aria-label={`${t('versions.draft')} ${t('versions.number', { version: row.version })}`} onConfirm={() => void restore(row)}
                >
                  {t('versions.draft')}
                </Confirmed>
              ) : null}
            </Space>
          ),
        },
      ]}
    />
  );
}
