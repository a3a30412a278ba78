import { Button, Form, Input, Switch } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { usePlacesText } from '../../i18n/places';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { EmptyState, ErrorState, Loading } from '../../shared/states';
import { Sheets } from '../people/Sheets';
import { Dialog } from '../../shared/Dialog';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';
import { isCreditCode } from '../creditCode';

type Organisation = components['schemas']['OrganisationRow'];
interface Values {
  uscc: string;
  name: string;
  regionCode?: string | null;
  phone?: string;
  address?: string;
  isActive: boolean;
}

/** 单位: organisations by their 统一社会信用代码, whose check character is looked at while it is typed and again by the server. */
export function OrganisationsPage(): ReactNode {
  const t = usePlacesText();
  const { session } = useSession();
  const keeps = session?.user?.functions.includes('users:sites') ?? false;
  const rows = useResource<{ items: Organisation[] }>('/admin/organisations');
  const [editing, setEditing] = useState<Organisation | 'new' | null>(null);
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('or.title')}</h1>
        {keeps ? <Button type="primary" onClick={() => setEditing('new')}>{t('or.add')}</Button> : null}
      </div>
      <p className="lb-soft">{t('or.intro')}</p>
      {rows.error ? <ProblemNotice error={rows.error} onRetry={rows.reload} /> : null}
      {!rows.data && !rows.error ? <Loading /> : null}
      {rows.data?.items.length === 0 ? <EmptyState text={t('or.empty')} /> : null}
      {rows.data?.items.length ? (
        <WideTable<Organisation>
          rowKey="uscc"
          dataSource={rows.data.items}
          columns={[
            { title: t('or.name'), className: 'lb-wrap', dataIndex: 'name' },
            { title: t('or.uscc'), render: (_, row) => <span className="lb-number">{row.uscc}</span> },
            { title: t('or.region'), dataIndex: 'regionCode' },
            { title: t('or.phone'), dataIndex: 'phone' },
            { title: t('or.address'), className: 'lb-wrap', dataIndex: 'address' },
            { title: t('or.state'), render: (_, row) => <Tag tone={row.isActive ? 'good' : 'mute'}>{t(row.isActive ? 'or.active' : 'or.inactive')}</Tag> },
            ...(keeps ? [{ title: t('pl.act'), render: (_: unknown, row: Organisation) => <Button size="small" aria-label={`${t('pl.change')} ${row.name}`} onClick={() => setEditing(row)}>{t('pl.change')}</Button> }] : []),
          ]}
        />
      ) : null}
      {keeps ? <Sheets kinds={['organisations']} onDone={rows.reload} /> : null}
      {editing ? <OrganisationDialog row={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onDone={() => { setEditing(null); rows.reload(); }} /> : null}
    </>
  );
}

function OrganisationDialog({ row, onClose, onDone }: { row: Organisation | null; onClose: () => void; onDone: () => void }): ReactNode {
  const t = usePlacesText();
  const { busy, problem, run } = useAction(true);
  const [form] = Form.useForm<Values>();
  const save = async ({ uscc, ...values }: Values): Promise<void> => {
    const code = uscc.trim().toUpperCase();
    const body = { name: values.name, regionCode: values.regionCode ?? '', phone: values.phone ?? '', address: values.address ?? '', isActive: values.isActive };
    if (await run(() => api.put(`/admin/organisations/${encodeURIComponent(code)}`, body), t('pl.saved'))) onDone();
  };
  const checked = (_: unknown, value: string | undefined): Promise<void> => (value && isCreditCode(value) ? Promise.resolve() : Promise.reject(new Error(t('or.usccWrong'))));
  return (
    <Dialog title={row ? t('or.change') : t('or.add')} onCancel={onClose} onOk={() => form.submit()} okText={t('pl.save')} cancelText={t('pl.cancel')} confirmLoading={busy}>
      {problem ? <ErrorState problem={problem} /> : null}
      <Form<Values> form={form} layout="vertical" initialValues={row ?? { isActive: true }} onFinish={(values) => void save(values)}>
        <Form.Item name="uscc" label={t('or.uscc')} extra={t('or.usccHint')} required rules={[{ validator: checked }]}>
          <Input maxLength={18} disabled={row !== null} autoComplete="off" />
        </Form.Item>
        <Form.Item name="name" label={t('or.name')} rules={[{ required: true, whitespace: true }]}><Input maxLength={200} /></Form.Item>
        <div className="lb-two">
          <Form.Item name="regionCode" label={t('or.regionCode')}><Input maxLength={12} /></Form.Item>
          <Form.Item name="phone" label={t('or.phone')}><Input maxLength={40} /></Form.Item>
        </div>
        <Form.Item name="address" label={t('or.address')}><Input maxLength={200} /></Form.Item>
        <Form.Item name="isActive" label={t('or.active')} valuePropName="checked"><Switch /></Form.Item>
      </Form>
    </Dialog>
  );
}
