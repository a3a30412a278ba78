import { Form, Input, InputNumber, Switch } from 'antd';
import { type ReactNode } from 'react';
import { Link } from 'react-router';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { listText } from '../../case/language';
import { usePages } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useChannelText } from '../../i18n/channels';
import { api } from '../../shared/api/client';
import { FormDialog } from '../FormDialog';
import { PLATFORM, useKeeping } from '../keeping';
import { type KeptDialogProps, KeptSite, KeptTable, siteOf } from '../KeptTable';
import { ListPage } from '../ListPage';
import { useAction } from '../useAction';

type Host = components['schemas']['HostAnswer'];
type Secret = components['schemas']['SecretAnswer'];
type Call = components['schemas']['HttpCallAnswer'];

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
  return (
    <KeptTable<Host>
      path="/admin/hosts"
      title={t('co.hosts')}
      add={t('co.addHost')}
      empty={t('co.noHosts')}
      nameOf={(row) => row.host}
      change={{ text: t('ch.edit'), of: (name) => t('ch.editOf', { name }) }}
      dialog={HostDialog}
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
        { title: t('co.limits'), align: 'right', render: (_, row) => [row.mostAtOnce, row.failuresToOpen, row.pauseSeconds].join(' / ') },
        { title: t('co.health'), render: (_, row) => <Health row={row} /> },
        { title: t('ch.reason'), render: (_, row) => <>{row.reason}<div className="lb-faint">{moment(row.changedAt)} {row.changedBy}</div></>, className: 'lb-wrap' },
      ]}
    />
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

function HostDialog({ row, onClose, onDone }: KeptDialogProps<Host>): ReactNode {
  const t = useChannelText();
  const { kept, forPlatform } = useKeeping();
  const { run, problem } = useAction(true);
  const save = (values: HostValues): Promise<boolean> => {
    const secrets = (values.secrets ?? '').split(/[,，\s]+/).filter(Boolean);
    return run(() => api.put('/admin/hosts', { ...values, siteId: siteOf(values.siteId), secrets }), t('ch.saved'));
  };
  const required = [{ required: true, message: t('ch.required') }];
  const start: Partial<HostValues> = row
    ? { ...row, siteId: row.siteId ?? PLATFORM, secrets: row.secrets.join(', ') }
    : { port: 443, isInternal: false, isPlain: false, mostAtOnce: 8, failuresToOpen: 5, pauseSeconds: 60, ...(kept[0] ? { siteId: kept[0].value } : {}) };
  return (
    <FormDialog<HostValues> title={row ? t('ch.editOf', { name: row.host }) : t('co.addHost')} okText={t('own.save')} start={start} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <KeptSite fixed={row !== null} />
      <Form.Item name="host" label={t('co.host')} rules={required}><Input disabled={row !== null} maxLength={253} autoComplete="off" /></Form.Item>
      <Form.Item name="port" label={t('co.port')} rules={required}><InputNumber controls={false} disabled={row !== null} min={1} max={65535} /></Form.Item>
      <Form.Item name="isInternal" label={t('co.internal')} extra={forPlatform ? null : t('co.forPlatform')} valuePropName="checked"><Switch disabled={!forPlatform} /></Form.Item>
      <Form.Item name="isPlain" label={t('co.plain')} valuePropName="checked"><Switch disabled={!forPlatform} /></Form.Item>
      <Form.Item name="secrets" label={t('co.secretsMay')}><Input autoComplete="off" /></Form.Item>
      <div className="lb-two">
        <Form.Item name="mostAtOnce" label={t('co.mostAtOnce')} rules={required}><InputNumber controls={false} min={1} max={1000} /></Form.Item>
        <Form.Item name="failuresToOpen" label={t('co.failuresToOpen')} rules={required}><InputNumber controls={false} min={1} max={1000} /></Form.Item>
        <Form.Item name="pauseSeconds" label={t('co.pauseSeconds')} rules={required}><InputNumber controls={false} min={1} max={86400} /></Form.Item>
      </div>
      <Form.Item name="reason" label={t('ch.reason')} rules={required}><Input maxLength={300} autoComplete="off" /></Form.Item>
    </FormDialog>
  );
}

function SecretList(): ReactNode {
  const t = useChannelText();
  const { locale } = useLanguage();
  return (
    <KeptTable<Secret>
      path="/admin/secrets"
      title={t('co.secrets')}
      add={t('co.addSecret')}
      empty={t('co.noSecrets')}
      nameOf={(row) => row.name}
      change={{ text: t('co.replace'), of: (name) => t('co.replaceOf', { name }) }}
      dialog={SecretDialog}
      columns={[
        { title: t('co.secretName'), dataIndex: 'name' },
        { title: t('ch.site'), dataIndex: 'siteName' },
        { title: t('co.note'), dataIndex: 'note', className: 'lb-wrap' },
        { title: t('co.usedBy'), render: (_, row) => listText(locale, row.usedBy), className: 'lb-wrap' },
        { title: t('ch.changed'), render: (_, row) => `${moment(row.changedAt)} ${row.changedBy}` },
      ]}
    />
  );
}

interface SecretValues {
  siteId: number;
  name: string;
  value: string;
  note?: string;
}

function SecretDialog({ row, onClose, onDone }: KeptDialogProps<Secret>): ReactNode {
  const t = useChannelText();
  const { kept } = useKeeping();
  const { run, problem } = useAction(true);
  const save = (values: SecretValues): Promise<boolean> => run(() => api.put('/admin/secrets', { ...values, note: values.note ?? '', siteId: siteOf(values.siteId) }), t('ch.saved'));
  const required = [{ required: true, whitespace: true, message: t('ch.required') }];
  const start: Partial<SecretValues> = row ? { siteId: row.siteId ?? PLATFORM, name: row.name, note: row.note } : kept[0] ? { siteId: kept[0].value } : {};
  return (
    <FormDialog<SecretValues> title={row ? t('co.replaceOf', { name: row.name }) : t('co.addSecret')} okText={t('own.save')} start={start} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <KeptSite fixed={row !== null} />
      <Form.Item name="name" label={t('co.secretName')} rules={required}><Input disabled={row !== null} maxLength={60} autoComplete="off" /></Form.Item>
      <Form.Item name="value" label={t('co.secretValue')} extra={t('co.secretHint')} rules={required}><Input.Password maxLength={16384} autoComplete="new-password" /></Form.Item>
      <Form.Item name="note" label={t('co.note')}><Input maxLength={200} autoComplete="off" /></Form.Item>
    </FormDialog>
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
    return (
      <>
        <Tag tone={row.errorCode ? 'bad' : 'good'}>{text}</Tag>
        {row.errorCode ? <div className="lb-faint">{zh ? row.nextStep : row.nextStepEn}</div> : null}
      </>
    );
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
        { title: t('ch.case'), render: (_, row) => (row.caseNo ? <Link className="lb-number" to={`/cases/${encodeURIComponent(row.caseNo)}`}>{row.caseNo}</Link> : null) },
        { title: t('co.element'), dataIndex: 'elementId' },
        { title: t('co.where'), render: (_, row) => `${row.method} ${row.host}${row.path}`, className: 'lb-break' },
        { title: t('co.status'), className: 'lb-wrap', render: (_, row) => resultOf(row) },
        { title: t('co.duration'), dataIndex: 'milliseconds', align: 'right' },
        { title: t('co.bytes'), align: 'right', render: (_, row) => `${String(row.sentBytes)} / ${String(row.receivedBytes ?? 0)}` },
      ]}
    />
  );
}
