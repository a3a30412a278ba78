import { Button, Form, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { usePeopleText } from '../../i18n/people';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { EmptyState, Loading } from '../../shared/states';
import { Dialog } from '../../shared/Dialog';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

interface ContactRow {
  id: number;
  siteName: string;
  regionName: string;
  itemCode: string;
  name: string;
  officePhone: string;
  dutyTime: string;
  deputyName: string;
  deputyPhone: string;
  confirmBy: string;
  stale: boolean;
  mayChange: boolean;
}
const FIELDS = [
  ['name', 'contacts.person', true],
  ['officePhone', 'contacts.phone', true],
  ['dutyTime', 'contacts.duty', true],
  ['deputyName', 'contacts.deputy', true],
] as const;

/** The contact book: who answers for a unit, who is the deputy, and whether somebody said so lately. */
export function ContactsPage(): ReactNode {
  const t = usePeopleText();
  const contacts = useResource<{ items: ContactRow[] }>('/admin/contacts');
  const { session } = useSession();
  const { busy, run } = useAction();
  const [adding, setAdding] = useState(false);
  const [form] = Form.useForm<Record<string, string | number>>();
  const own = new Map((session?.user?.roles ?? []).filter((held) => ['SITE_ADMIN', 'LIAISON'].includes(held.role)).map((held) => [held.siteId, held.siteName]));
  const rows = contacts.data?.items;
  const save = async (values: Record<string, string | number>): Promise<void> => {
    if (await run(() => api.put('/admin/contacts', { ...values, isPublic: true }), t('people.saved'))) {
      setAdding(false);
      contacts.reload();
    }
  };
  const confirm = async (row: ContactRow): Promise<void> => {
    if (await run(() => api.post(`/admin/contacts/${String(row.id)}/confirm`), t('people.saved'))) contacts.reload();
  };
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('nav.contacts')}</h1>
        {own.size > 0 ? <Button type="primary" onClick={() => setAdding(true)}>{t('contacts.add')}</Button> : null}
      </div>
      <p className="lb-soft">{t('contacts.intro')}</p>
      {contacts.error ? <ProblemNotice error={contacts.error} onRetry={contacts.reload} /> : null}
      {!rows && !contacts.error ? <Loading /> : null}
      {rows?.length === 0 ? <EmptyState text={t('contacts.empty')} /> : null}
      {rows && rows.length > 0 ? (
        <WideTable<ContactRow>
          rowKey="id"
          dataSource={rows}
          columns={[
            { title: t('contacts.region'), dataIndex: 'regionName' },
            { title: t('contacts.unit'), dataIndex: 'siteName' },
            { title: t('contacts.person'), render: (_, row) => `${row.name} ${row.officePhone}` },
            { title: t('contacts.duty'), dataIndex: 'dutyTime' },
            { title: t('contacts.deputy'), render: (_, row) => `${row.deputyName} ${row.deputyPhone}` },
            {
              title: t('contacts.confirmBy'),
              render: (_, row) => (
                <>
                  {moment(row.confirmBy)} <Tag tone={row.stale ? 'warn' : 'good'}>{t(row.stale ? 'contacts.stale' : 'contacts.fresh')}</Tag>
                </>
              ),
            },
            {
              title: t('people.act'),
              render: (_, row) => (row.mayChange ? <Button disabled={busy} onClick={() => void confirm(row)}>{t('contacts.confirm')}</Button> : null),
            },
          ]}
        />
      ) : null}
      {adding ? (
        <Dialog title={t('contacts.add')} onCancel={() => setAdding(false)} onOk={() => form.submit()} confirmLoading={busy}>
          <Form form={form} layout="vertical" onFinish={(values) => void save(values)}>
            <Form.Item name="siteId" label={t('people.site')} rules={[{ required: true }]}>
              <Select options={[...own].map(([value, label]) => ({ value, label }))} />
            </Form.Item>
            {FIELDS.map(([name, label, required]) => (
              <Form.Item key={name} name={name} label={t(label)} rules={[{ required }]}>
                <Input maxLength={60} />
              </Form.Item>
            ))}
          </Form>
        </Dialog>
      ) : null}
    </>
  );
}
