import { Button, Space } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { moment } from '../../case/dates';
import { useDesignerText } from '../../i18n/designer';
import { api } from '../../shared/api/client';
import { useLoad } from '../../shared/api/useLoad';
import { useMay } from '../../shared/session/useMay';
import { EmptyState, ErrorState, Loading } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import { type DefinitionRow, type Many, rows } from '../types';
import { ImportDialog } from './ImportDialog';
import { NewModelDialog } from './NewModelDialog';

/** All models with their latest version, draft and running cases. */
export function ListPage(): ReactNode {
  const t = useDesignerText();
  const drafts = useMay()('design:draft');
  const [dialog, setDialog] = useState<'new' | 'import' | null>(null);
  const loaded = useLoad((signal) => api.get<Many<DefinitionRow>>('/definitions', { signal }).then(rows), 'definitions');
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('home.title')}</h1>
        {drafts ? (
          <Space>
            <Button onClick={() => setDialog('import')}>{t('action.import')}</Button>
            <Button type="primary" onClick={() => setDialog('new')}>
              {t('action.new')}
            </Button>
          </Space>
        ) : null}
      </div>
      <p className="lb-soft">{t('home.intro')}</p>
      {loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : null}
      {loaded.data ? <Definitions definitions={loaded.data} /> : loaded.problem ? null : <Loading />}
      {dialog === 'new' ? <NewModelDialog existing={loaded.data ?? []} onClose={() => setDialog(null)} /> : null}
      {dialog === 'import' ? <ImportDialog existing={loaded.data ?? []} onClose={() => setDialog(null)} /> : null}
    </>
  );
}

function Definitions({ definitions }: { definitions: DefinitionRow[] }): ReactNode {
  const t = useDesignerText();
  const navigate = useNavigate();
  if (definitions.length === 0) return <EmptyState text={t('list.empty')} />;
  return (
    <WideTable<DefinitionRow>
      rowKey="key"
      dataSource={definitions}
      onRow={(row) => ({ onDoubleClick: () => void navigate(`/models/${row.key}`) })}
      columns={[
        {
          title: t('list.name'),
          render: (_, row) => (
            <>
              <Link to={`/models/${row.key}`}>{row.name}</Link>
              <div className="lb-faint">{row.key}</div>
            </>
          ),
        },
        { title: t('list.latest'), render: (_, row) => <Latest row={row} /> },
        {
          title: t('list.draft'),
          render: (_, row) =>
            row.draft ? t('list.draftOf', { name: row.draft.savedByName, at: moment(row.draft.savedAt) }) : t('list.noDraft'),
        },
        { title: t('list.running'), dataIndex: 'runningCases', align: 'right' },
        {
          title: t('list.actions'),
          render: (_, row) => (
            <Space>
              <Link to={`/models/${row.key}`}>{t('action.open')}</Link>
              <Link to={`/versions/${row.key}`}>{t('action.versions')}</Link>
            </Space>
          ),
        },
      ]}
    />
  );
}

function Latest({ row }: { row: DefinitionRow }): ReactNode {
  const t = useDesignerText();
  if (!row.latest) return <span className="lb-faint">{t('list.never')}</span>;
  return (
    <>
      {t('versions.number', { version: row.latest.version })}
      <span className="lb-faint">
        {' '}
        {moment(row.latest.deployedAt)} {row.latest.deployedByName}
        {row.latest.findingCount > 0 ? ` · ${t('list.findings', { n: row.latest.findingCount })}` : ''}
      </span>
    </>
  );
}
