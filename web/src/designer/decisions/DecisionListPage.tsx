import { Button, Form, Space, Upload } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { moment } from '../../case/dates';
import { useDecisionText } from '../../i18n/decisions';
import { api } from '../../shared/api/client';
import { useLoad } from '../../shared/api/useLoad';
import { Dialog } from '../../shared/Dialog';
import { useMay } from '../../shared/session/useMay';
import { EmptyState, ErrorState, Loading } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import { KeyAndName, type KeyAndNameValues } from '../pages/KeyAndName';
import { type Many, rows } from '../types';
import { keepNew } from './fresh';
import { newDecisions } from './template';
import type { DecisionVersion } from './types';

/** All decision models with their newest version. */
export function DecisionListPage(): ReactNode {
  const t = useDecisionText();
  const may = useMay();
  const deploys = may('deploy:request') || may('deploy:publish');
  const [creating, setCreating] = useState<{ xml?: string } | null>(null);
  const loaded = useLoad((signal) => api.get<Many<DecisionVersion>>('/decisions', { signal }).then(rows), 'decisions');
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('list.title')}</h1>
        {deploys ? (
          <Space>
            <Upload
              accept=".dmn,.xml"
              showUploadList={false}
              beforeUpload={(file) => {
                void file.text().then((xml) => setCreating({ xml }));
                return false;
              }}
            >
              <Button>{t('action.import')}</Button>
            </Upload>
            <Button type="primary" onClick={() => setCreating({})}>
              {t('action.new')}
            </Button>
          </Space>
        ) : null}
      </div>
      <p className="lb-soft">{t('list.intro')}</p>
      {loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : null}
      {loaded.data ? <Models models={loaded.data} /> : loaded.problem ? null : <Loading />}
      {creating ? <NewDecisions existing={loaded.data ?? []} xml={creating.xml} onClose={() => setCreating(null)} /> : null}
    </>
  );
}

function Models({ models }: { models: DecisionVersion[] }): ReactNode {
  const t = useDecisionText();
  if (models.length === 0) return <EmptyState text={t('list.empty')} />;
  return (
    <WideTable<DecisionVersion>
      rowKey="key"
      dataSource={models}
      columns={[
        {
          title: t('list.model'),
          render: (_, row) => (
            <>
              <Link to={`/decisions/${row.key}`}>{row.name}</Link>
              <div className="lb-faint">{row.key}</div>
            </>
          ),
        },
        {
          title: t('list.decisions'),
          render: (_, { model }) =>
            [...model.decisions, ...model.services].map((decision) => (
              <div key={decision.id}>
                {decision.name} <code className="lb-faint">{decision.id}</code>
              </div>
            )),
        },
        {
          title: t('list.latest'),
          render: (_, row) => (
            <>
              {t('list.version', { version: row.version })}{' '}
              <span className="lb-faint">
                {moment(row.deployedAt)} {row.deployedByName}
              </span>
            </>
          ),
        },
      ]}
    />
  );
}

function NewDecisions({ existing, xml, onClose }: { existing: DecisionVersion[]; xml: string | undefined; onClose: () => void }): ReactNode {
  const t = useDecisionText();
  const navigate = useNavigate();
  const [form] = Form.useForm<KeyAndNameValues>();
  const create = async ({ key, name }: KeyAndNameValues): Promise<void> => {
    keepNew(key, { name, xml: xml ?? newDecisions(key, name) });
    await navigate(`/decisions/${key}`);
  };
  return (
    <Dialog title={t('new.title')} okText={t('new.create')} cancelText={t('cancel')} onCancel={onClose} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" onFinish={(values) => void create(values)}>
        <KeyAndName t={t} existing={existing} pattern={/^[a-z][a-z0-9-]{0,59}$/} autoFocus />
      </Form>
    </Dialog>
  );
}
