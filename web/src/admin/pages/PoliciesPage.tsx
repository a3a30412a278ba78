import { Button, Form, Input, Modal, Select, Table } from 'antd';
import { type ReactNode, useState } from 'react';

import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useAdminText } from '../../i18n/admin';
import { api } from '../../shared/api/client';
import { Loading } from '../../shared/states';
import type { PolicyRow } from '../types';
import { useAction } from '../useAction';

const SCOPES = ['platform', 'province', 'site', 'item', 'partner'] as const;

/** Effective deadline values with the layer and the source they come from. */
export function PoliciesPage(): ReactNode {
  const t = useAdminText();
  const { locale } = useLanguage();
  const policies = useResource<PolicyRow[] | { items: PolicyRow[] }>('/policies');
  const [editing, setEditing] = useState<PolicyRow | null>(null);
  const rows = policies.data === null ? null : Array.isArray(policies.data) ? policies.data : policies.data.items;
  const layerName = (layer: string): string => {
    const known = SCOPES.find((scope) => scope === layer);
    return known ? t(`scope.${known}`) : layer;
  };
  return (
    <>
      <h1>{t('nav.policies')}</h1>
      <p className="lb-soft">{t('policies.intro')}</p>
      {policies.error ? <ProblemNotice error={policies.error} onRetry={policies.reload} /> : null}
      {rows ? (
        <Table<PolicyRow>
          rowKey="key"
          size="small"
          pagination={false}
          dataSource={rows}
          columns={[
            {
              title: t('policies.key'),
              render: (_, row) => (
                <>
                  {pickText(locale, row.name, row.nameEn)}
                  <div className="lb-faint">{row.key}</div>
                </>
              ),
            },
            { title: t('policies.value'), dataIndex: 'value', className: 'lb-break' },
            { title: t('policies.layer'), render: (_, row) => layerName(row.layer) },
            { title: t('policies.source'), dataIndex: 'source', className: 'lb-wrap' },
            {
              title: t('cases.actions'),
              render: (_, row) => (
                <Button size="small" onClick={() => setEditing(row)}>
                  {t('policies.edit')}
                </Button>
              ),
            },
          ]}
        />
      ) : policies.error ? null : (
        <Loading />
      )}
      {editing ? <PolicyDialog policy={editing} onClose={() => setEditing(null)} onDone={policies.reload} /> : null}
    </>
  );
}

interface Values {
  scope: string;
  scopeRef?: string;
  itemCode?: string;
  value: string;
  source: string;
}

function PolicyDialog({ policy, onClose, onDone }: { policy: PolicyRow; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useAdminText();
  const [form] = Form.useForm<Values>();
  const { busy, run } = useAction();
  const save = async (values: Values): Promise<void> => {
    const body = { key: policy.key, scope: values.scope, scopeRef: values.scopeRef ?? '', itemCode: values.itemCode ?? '', value: values.value, source: values.source };
    if (await run(() => api.put('/admin/policies', body), t('policies.saved'))) {
      onClose();
      onDone();
    }
  };
  const required = [{ required: true, whitespace: true, message: t('policies.required') }];
  return (
    <Modal open title={`${policy.name}（${policy.key}）`} okText={t('action.save')} cancelText={t('action.cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      <p className="lb-soft">{policy.explanation}</p>
      <Form form={form} layout="vertical" initialValues={{ scope: 'platform', value: policy.value }} onFinish={(values) => void save(values)}>
        <Form.Item name="scope" label={t('policies.scope')} rules={required}>
          <Select options={SCOPES.map((value) => ({ value, label: t(`scope.${value}`) }))} />
        </Form.Item>
        <Form.Item name="scopeRef" label={t('policies.scopeRef')}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="itemCode" label={t('policies.item')}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="value" label={t('policies.newValue')} rules={required}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="source" label={t('policies.newSource')} rules={required}>
          <Input maxLength={300} autoComplete="off" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
