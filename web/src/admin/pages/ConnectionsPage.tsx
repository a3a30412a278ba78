import { Form, Input, InputNumber, Modal, Select, Switch } from 'antd';
import { useState, type ReactNode } from 'react';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { usePages, useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useChannelText } from '../../i18n/channels';
import { api } from '../../shared/api/client';
import { useKeeping } from '../keeping';
import { KeptActions, KeptTable } from '../KeptTable';
import { ListPage } from '../ListPage';
import { useAction } from '../useAction';

type Host = components['schemas']['HostAnswer'];
type Secret = components['schemas']['SecretAnswer'];
type Call = components['schemas']['HttpCallAnswer'];
type Editing<T> = T | 'new' | null;

/** What models may call, with which secrets, and what was called. */
export function ConnectionsPage(): ReactNode {
  const t = useChannelText();
  return (
    <div className="lb-parts">
      <h1>{t('co.title')}</h1>
      <p className="lb-soft">{t('co.intro')}</p>
      <HostList />
      <SecretList />
      <CallList />
    </div>
  );
}

function HostList(): ReactNode {
  const t = useChannelText();
  const hosts = useResource<{ items: Host[] }>('/admin/hosts');
  const [editing, setEditing] = useState<Editing<Host>>(null);
  const { run } = useAction();
  const remove = async (row: Host): Promise<void> => {
    if (await run(() => api.delete(`/admin/hosts/${String(row.id)}`), t('ch.removed'))) hosts.reload();
  };
  return (
    <KeptTable<Host>
      title={t('co.hosts')}
      add={t('co.addHost')}
      onAdd={() => setEditing('new')}
      entries={hosts}
      empty={t('co.noHosts')}
      columns={[
        {
          title: t('co.host'),
          render: (_, row) => (
            <>
              {`${row.isPlain ? 'http' : 'https'}://${row.host}:${String(row.port)}`} {row.isInternal ? <Tag tone="warn">{t('co.internal')}</Tag> : null}
            </>
          ),
        },
        { title: t('ch.site'), dataIndex: 'siteName' },
        { title: t('co.secrets'), render: (_, row) => row.secrets.join(', ') },
        { title: t('co.limits'), render: (_, row) => [row.mostAtOnce, row.failuresToOpen, row.pauseSeconds].join(' / ') },
        { title: t('co.health'), render: (_, row) => <Health row={row} /> },
        { title: t('ch.reason'), render: (_, row) => <>{row.reason}<div className="lb-faint">{moment(row.changedAt)} {row.changedBy}</div></>, className: 'lb-wrap' },
        {
          title: t('ch.actions'),
          render: (_, row) => (
            <KeptActions
              siteId={row.siteId}
              name={row.host}
              change={{ text: t('ch.edit'), label: t('ch.editOf', { name: row.host }), onClick: () => setEditing(row) }}
              onRemove={() => void remove(row)}
            />
          ),
        },
      ]}
    >
      {editing ? <HostDialog row={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onDone={hosts.reload} /> : null}
    </KeptTable>
  );
}

function Health({ row }: { row: Host }): ReactNode {
  const t = useChannelText();
  if (row.openUntil) return <Tag tone="bad">{t('co.paused', { count: row.failures, until: moment(row.openUntil) })}</Tag>;
  if (row.failures > 0) return <Tag tone="warn">{t('co.failures', { count: row.failures })}</Tag>;
  return <Tag tone="good">{t('co.well')}</Tag>;
}

interface HostValues {
  siteId: number;
  host: string;
  port: number;
  isInternal: boolean;
  isPlain: boolean;
  secrets?: string;
  mostAtOnce: number;
  failuresToOpen: number;
  pauseSeconds: number;
  reason: string;
}

function HostDialog({ row, onClose, onDone }: { row: Host | null; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useChannelText();
  const { kept, forPlatform } = useKeeping();
  const [form] = Form.useForm<HostValues>();
  const { busy, run } = useAction();
  const save = async (values: HostValues): Promise<void> => {
    const secrets = (values.secrets ?? '').split(/[,，\s]+/).filter(Boolean);
    if (await run(() => api.put('/admin/hosts', { ...values, siteId: values.siteId || null, secrets }), t('ch.saved'))) {
      onClose();
      onDone();
    }
  };
  const required = [{ required: true, message: t('ch.required') }];
  const start = row
    ? { ...row, siteId: row.siteId ?? 0, secrets: row.secrets.join(', ') }
    : { siteId: kept[0]?.value, port: 443, isInternal: false, isPlain: false, mostAtOnce: 8, failuresToOpen: 5, pauseSeconds: 60 };
  return (
    <Modal open title={row ? t('ch.editOf', { name: row.host }) : t('co.addHost')} okText={t('own.save')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" initialValues={start} onFinish={(values) => void save(values)}>
        <Form.Item name="siteId" label={t('ch.site')} rules={required}><Select disabled={row !== null} options={kept} /></Form.Item>
        <Form.Item name="host" label={t('co.host')} rules={required}><Input disabled={row !== null} maxLength={253} autoComplete="off" /></Form.Item>
        <Form.Item name="port" label={t('co.port')} rules={required}><InputNumber disabled={row !== null} min={1} max={65535} /></Form.Item>
        <Form.Item name="isInternal" label={t('co.internal')} extra={forPlatform ? null : t('co.forPlatform')} valuePropName="checked"><Switch disabled={!forPlatform} /></Form.Item>
        <Form.Item name="isPlain" label={t('co.plain')} valuePropName="checked"><Switch disabled={!forPlatform} /></Form.Item>
        <Form.Item name="secrets" label={t('co.secretsMay')}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="mostAtOnce" label={t('co.mostAtOnce')} rules={required}><InputNumber min={1} max={1000} /></Form.Item>
        <Form.Item name="failuresToOpen" label={t('co.failuresToOpen')} rules={required}><InputNumber min={1} max={1000} /></Form.Item>
        <Form.Item name="pauseSeconds" label={t('co.pauseSeconds')} rules={required}><InputNumber min={1} max={86400} /></Form.Item>
        <Form.Item name="reason" label={t('ch.reason')} rules={required}><Input maxLength={300} autoComplete="off" /></Form.Item>
      </Form>
    </Modal>
  );
}

function SecretList(): ReactNode {
  const t = useChannelText();
  const secrets = useResource<{ items: Secret[] }>('/admin/secrets');
  const [editing, setEditing] = useState<Editing<Secret>>(null);
  const { run } = useAction();
  const remove = async (row: Secret): Promise<void> => {
    if (await run(() => api.delete(`/admin/secrets/${String(row.id)}`), t('ch.removed'))) secrets.reload();
  };
  return (
    <KeptTable<Secret>
      title={t('co.secrets')}
      add={t('co.addSecret')}
      onAdd={() => setEditing('new')}
      entries={secrets}
      empty={t('co.noSecrets')}
      columns={[
        { title: t('co.secretName'), dataIndex: 'name' },
        { title: t('ch.site'), dataIndex: 'siteName' },
        { title: t('co.note'), dataIndex: 'note', className: 'lb-wrap' },
        { title: t('co.usedBy'), render: (_, row) => row.usedBy.join('、'), className: 'lb-wrap' },
        { title: t('ch.changed'), render: (_, row) => `${moment(row.changedAt)} ${row.changedBy}` },
        {
          title: t('ch.actions'),
          render: (_, row) => (
            <KeptActions
              siteId={row.siteId}
              name={row.name}
              change={{ text: t('co.replace'), label: t('co.replaceOf', { name: row.name }), onClick: () => setEditing(row) }}
              onRemove={() => void remove(row)}
            />
          ),
        },
      ]}
    >
      {editing ? <SecretDialog row={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onDone={secrets.reload} /> : null}
    </KeptTable>
  );
}

interface SecretValues {
  siteId: number;
  name: string;
  value: string;
  note?: string;
}

function SecretDialog({ row, onClose, onDone }: { row: Secret | null; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useChannelText();
  const { kept } = useKeeping();
  const [form] = Form.useForm<SecretValues>();
  const { busy, run } = useAction();
  const save = async (values: SecretValues): Promise<void> => {
    if (await run(() => api.put('/admin/secrets', { ...values, note: values.note ?? '', siteId: values.siteId || null }), t('ch.saved'))) {
      onClose();
      onDone();
    }
  };
  const required = [{ required: true, whitespace: true, message: t('ch.required') }];
  return (
    <Modal open title={row ? t('co.replaceOf', { name: row.name }) : t('co.addSecret')} okText={t('own.save')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" initialValues={row ? { siteId: row.siteId ?? 0, name: row.name, note: row.note } : { siteId: kept[0]?.value }} onFinish={(values) => void save(values)}>
        <Form.Item name="siteId" label={t('ch.site')} rules={[{ required: true, message: t('ch.required') }]}><Select disabled={row !== null} options={kept} /></Form.Item>
        <Form.Item name="name" label={t('co.secretName')} rules={required}><Input disabled={row !== null} maxLength={60} autoComplete="off" /></Form.Item>
        <Form.Item name="value" label={t('co.secretValue')} extra={t('co.secretHint')} rules={required}><Input.Password maxLength={16384} autoComplete="new-password" /></Form.Item>
        <Form.Item name="note" label={t('co.note')}><Input maxLength={200} autoComplete="off" /></Form.Item>
      </Form>
    </Modal>
  );
}

function CallList(): ReactNode {
  const t = useChannelText();
  const pages = usePages<Call>('/admin/http-calls');
  const zh = useLanguage().locale === 'zh';
  const resultOf = (row: Call): ReactNode => {
    if (row.state === 'running') return <Tag tone="info">{t('co.running')}</Tag>;
    if (row.state === 'abandoned') return <Tag tone="mute">{t('co.abandoned')}</Tag>;
    const text = [row.status, zh ? row.errorName : row.errorNameEn].filter(Boolean).join(' ');
    return <Tag tone={row.errorCode ? 'bad' : 'good'}>{text}</Tag>;
  };
  return (
    <ListPage<Call>
      level={2}
      title={t('co.calls')}
      pages={pages}
      empty={t('co.noCalls')}
      rowKey={(row) => row.id}
      columns={[
        { title: t('ch.time'), render: (_, row) => moment(row.startedAt) },
        { title: t('ch.case'), dataIndex: 'caseNo' },
        { title: t('co.element'), dataIndex: 'elementId' },
        { title: t('co.where'), render: (_, row) => `${row.method} ${row.host}${row.path}`, className: 'lb-break' },
        { title: t('co.status'), render: (_, row) => resultOf(row) },
        { title: t('co.duration'), dataIndex: 'milliseconds' },
        { title: t('co.bytes'), render: (_, row) => `${String(row.sentBytes)} / ${String(row.receivedBytes ?? 0)}` },
      ]}
    />
  );
}
