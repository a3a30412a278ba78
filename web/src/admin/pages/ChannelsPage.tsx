import { Button, Checkbox, Form, Input, Select, Switch } from 'antd';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { usePages, useResource } from '../../case/resource';
import { Tag, type TagTone } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useChannelText } from '../../i18n/channels';
import { api } from '../../shared/api/client';
import { Loading } from '../../shared/states';
import { FormDialog } from '../FormDialog';
import { PLATFORM, useKeeping } from '../keeping';
import { type KeptDialogProps, KeptSite, KeptTable, siteOf } from '../KeptTable';
import { ListPage } from '../ListPage';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

type Channels = components['schemas']['SiteChannels'];
type Channel = components['schemas']['SiteChannelAnswer'];
type Rule = components['schemas']['RuleAnswer'];
type Delivery = components['schemas']['DeliveryAnswer'];

const TONES: Record<string, TagTone> = { queued: 'info', sent: 'good', failed: 'bad', suppressed: 'mute' };

/** Robots and SMS gateways of sites, the rules of what goes where, and what became of each notice. */
export function ChannelsPage(): ReactNode {
  const t = useChannelText();
  const [turn, setTurn] = useState(0);
  return (
    <div className="lb-parts">
      <h1>{t('ch.title')}</h1>
      <p className="lb-soft">{t('ch.intro')}</p>
      <Robots onSent={() => setTurn((value) => value + 1)} />
      <RuleList />
      <DeliveryList key={turn} />
    </div>
  );
}

function Robots({ onSent }: { onSent: () => void }): ReactNode {
  const t = useChannelText();
  const { busy, run } = useAction();
  const tell = async (row: Channel): Promise<void> => {
    if (await run(() => api.post(`/admin/channels/${String(row.id)}/test`), t('ch.tested'))) {
      onSent();
      window.setTimeout(onSent, 3000); // by then it has usually been tried
    }
  };
  return (
    <KeptTable<Channel, Channels>
      path="/admin/channels"
      title={t('ch.robots')}
      add={t('ch.addChannel')}
      empty={t('ch.noChannels')}
      nameOf={(row) => row.name}
      change={{ text: t('ch.edit'), of: (name) => t('ch.editOf', { name }) }}
      more={(row) => <Button size="small" disabled={busy} aria-label={t('ch.testOf', { name: row.name })} onClick={() => void tell(row)}>{t('ch.test')}</Button>}
      dialog={ChannelDialog}
      columns={[
        { title: t('ch.name'), dataIndex: 'name' },
        { title: t('ch.site'), dataIndex: 'siteName' },
        { title: t('ch.kind'), render: (_, row) => t(row.kind === 'sms' ? 'ch.kind.sms' : 'ch.kind.robot') },
        { title: t('ch.provider'), dataIndex: 'provider' },
        { title: t('ch.enabled'), render: (_, row) => <Tag tone={row.isEnabled ? 'good' : 'mute'}>{t(row.isEnabled ? 'ch.on' : 'ch.off')}</Tag> },
        { title: t('ch.changed'), render: (_, row) => `${moment(row.changedAt)} ${row.changedBy}` },
      ]}
    />
  );
}

interface ChannelValues {
  siteId: number;
  kind: string;
  name: string;
  address?: string;
  categories: string[];
  isEnabled: boolean;
}

function ChannelDialog({ row, all, onClose, onDone }: KeptDialogProps<Channel, Channels>): ReactNode {
  const t = useChannelText();
  const { locale } = useLanguage();
  const { kept } = useKeeping();
  const { run, problem } = useAction(true);
  const save = (values: ChannelValues): Promise<boolean> => {
    const body = { ...values, siteId: siteOf(values.siteId), address: values.address ?? '' };
    const work = row ? () => api.put(`/admin/channels/${String(row.id)}`, body) : () => api.post('/admin/channels', body);
    return run(work, t('ch.saved'));
  };
  const required = [{ required: true, message: t('ch.required') }];
  const start: Partial<ChannelValues> = row
    ? { siteId: row.siteId ?? PLATFORM, kind: row.kind, name: row.name, categories: row.categories, isEnabled: row.isEnabled }
    : { kind: 'robot', categories: ['collaboration', 'reminder', 'urging'], isEnabled: true, ...(kept[0] ? { siteId: kept[0].value } : {}) };
  return (
    <FormDialog<ChannelValues> title={row ? t('ch.editOf', { name: row.name }) : t('ch.addChannel')} okText={t('own.save')} start={start} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <KeptSite fixed={row !== null} />
      <Form.Item name="kind" label={t('ch.kind')} rules={required}>
        <Select disabled={row !== null} options={[{ value: 'robot', label: t('ch.kind.robot') }, { value: 'sms', label: t('ch.kind.sms') }]} />
      </Form.Item>
      <Form.Item name="name" label={t('ch.name')} rules={required}><Input maxLength={60} autoComplete="off" /></Form.Item>
      <Form.Item name="address" label={t('ch.address')} extra={t('ch.addressHint')} rules={row ? [] : required}><Input.Password maxLength={1000} autoComplete="new-password" /></Form.Item>
      <Form.Item name="categories" label={t('ch.categories')}>
        <Checkbox.Group options={all.categories.map((each) => ({ value: each.key, label: locale === 'zh' ? each.name : each.nameEn }))} />
      </Form.Item>
      <Form.Item name="isEnabled" label={t('ch.enabled')} valuePropName="checked"><Switch /></Form.Item>
    </FormDialog>
  );
}

function RuleList(): ReactNode {
  const t = useChannelText();
  const { locale } = useLanguage();
  const { seen, keeps } = useKeeping();
  const [chosen, setChosen] = useState<number | null>(null);
  const site = chosen ?? seen[0]?.value ?? PLATFORM;
  const rules = useResource<{ items: Rule[] }>(`/admin/channel-rules${site ? `?siteId=${String(site)}` : ''}`);
  const [editing, setEditing] = useState<Rule | null>(null);
  const nameOf = (rule: Rule): string => {
    const channel = (['email', 'sms', 'robot'] as const).find((each) => rule.key.endsWith(`.${each}`));
    const name = locale === 'zh' ? rule.name : rule.nameEn;
    return channel ? `${name} · ${t(`ch.channel.${channel}`)}` : name;
  };
  const words: Record<string, string> = { on: t('ch.on'), off: t('ch.off'), none: t('ch.nothing') };
  const shown = (value: string): string => words[value] ?? value;
  return (
    <section aria-label={t('ch.rules')}>
      <h2>{t('ch.rules')}</h2>
      <p className="lb-row lb-filters">
        <label htmlFor="rules-site">{t('ch.rulesOf')}</label>
        <Select id="rules-site" className="lb-filter-select" value={site} options={seen} onChange={setChosen} />
      </p>
      {rules.error ? <ProblemNotice error={rules.error} onRetry={rules.reload} /> : null}
      {rules.data ? (
        <WideTable<Rule>
          rowKey="key"
          dataSource={rules.data.items}
          columns={[
            { title: t('ch.rule'), render: (_, row) => nameOf(row) },
            { title: t('ch.value'), render: (_, row) => shown(row.value) },
            { title: t('ch.layer'), render: (_, row) => t(`ch.layer.${row.layer}`) },
            { title: t('ch.reason'), render: (_, row) => (locale === 'en' ? row.sourceEn : row.source), className: 'lb-wrap' },
            { title: t('ch.actions'), render: (_, row) => keeps(site || null) ? <Button size="small" aria-label={t('ch.changeOf', { name: nameOf(row) })} onClick={() => setEditing(row)}>{t('ch.change')}</Button> : null },
          ]}
        />
      ) : rules.loading ? <Loading rows={4} /> : null}
      {editing ? <RuleDialog rule={editing} name={nameOf(editing)} siteId={site} onClose={() => setEditing(null)} onDone={rules.reload} /> : null}
    </section>
  );
}

interface RuleValues {
  value: string;
  reason: string;
}

function RuleDialog({ rule, name, siteId, onClose, onDone }: { rule: Rule; name: string; siteId: number; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useChannelText();
  const { run, problem } = useAction(true);
  const save = (values: RuleValues): Promise<boolean> => run(() => api.put('/admin/channel-rules', { ...values, key: rule.key, siteId: siteOf(siteId) }), t('ch.saved'));
  const required = [{ required: true, whitespace: true, message: t('ch.required') }];
  const choice = rule.key.includes('.') && rule.key !== 'mail.domains';
  return (
    <FormDialog<RuleValues> title={t('ch.changeOf', { name })} okText={t('own.save')} start={{ value: rule.value }} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <Form.Item name="value" label={t('ch.value')} rules={required}>
        {choice ? <Select options={[{ value: 'on', label: t('ch.on') }, { value: 'off', label: t('ch.off') }]} /> : <Input maxLength={60} autoComplete="off" />}
      </Form.Item>
      <Form.Item name="reason" label={t('ch.reason')} rules={required}><Input maxLength={300} autoComplete="off" /></Form.Item>
    </FormDialog>
  );
}

function DeliveryList(): ReactNode {
  const t = useChannelText();
  const [failed, setFailed] = useState(false);
  const { any } = useKeeping();
  const zh = useLanguage().locale === 'zh';
  const pages = usePages<Delivery>(`/admin/deliveries${failed ? '?state=failed' : ''}`);
  const { busy, run } = useAction();
  const again = async (row: Delivery): Promise<void> => {
    if (await run(() => api.post(`/admin/deliveries/${String(row.id)}/retry`), t('ch.retried'))) pages.reload();
  };
  const targetOf = (row: Delivery): string => (row.target === 'person' ? t('ch.person') : row.target);
  const channelOf = (name: string): string => (name === 'email' || name === 'sms' || name === 'robot' ? t(`ch.channel.${name}`) : name);
  return (
    <ListPage<Delivery>
      level={2}
      title={t('ch.deliveries')}
      filters={<Checkbox checked={failed} onChange={(event) => setFailed(event.target.checked)}>{t('ch.onlyFailed')}</Checkbox>}
      pages={pages}
      empty={t(failed ? 'ch.noFailed' : 'ch.noDeliveries')}
      rowKey={(row) => row.id}
      columns={[
        { title: t('ch.time'), render: (_, row) => moment(row.createdAt) },
        { title: t('ch.channel'), render: (_, row) => channelOf(row.channel) },
        { title: t('ch.target'), render: (_, row) => targetOf(row) },
        { title: t('ch.case'), render: (_, row) => (row.caseNo ? <Link className="lb-number" to={`/cases/${encodeURIComponent(row.caseNo)}`}>{row.caseNo}</Link> : null) },
        { title: t('ch.template'), render: (_, row) => (zh ? row.templateName : row.templateNameEn) },
        { title: t('ch.state'), render: (_, row) => <Tag tone={TONES[row.state] ?? 'mute'}>{t(`ch.state.${row.state}`)}</Tag> },
        { title: t('ch.attempts'), dataIndex: 'attempts', align: 'right' },
        { title: t('ch.error'), className: 'lb-wrap', render: (_, row) => <>{zh ? row.reason : row.reasonEn}{row.state === 'sent' ? null : <div className="lb-faint">{zh ? row.nextStep : row.nextStepEn}</div>}</> },
        {
          title: t('ch.actions'),
          render: (_, row) => row.state === 'failed' && any ? <Button size="small" disabled={busy} aria-label={t('ch.retryOf', { id: row.id })} onClick={() => void again(row)}>{t('ch.retry')}</Button> : null,
        },
      ]}
    />
  );
}
