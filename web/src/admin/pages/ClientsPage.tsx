import { Button, Form, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { moment } from '../../case/dates';
import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag, type TagTone } from '../../case/tags';
import { useItemName } from '../../case/useItemName';
import { useLanguage } from '../../i18n';
import { useOperationsText } from '../../i18n/operations';
import { api, type Problem } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { useSitesHeld } from '../../shared/session/useSitesHeld';
import { useMay } from '../../shared/session/useMay';
import { EmptyState, ErrorState, Loading, Notice } from '../../shared/states';
import { Confirmed } from '../../shared/Confirmed';
import { CopyButton } from '../CopyButton';
import { Dialog } from '../../shared/Dialog';
import type { ClientRow } from '../types';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

const TONES: Record<ClientRow['state'], TagTone> = { active: 'good', expired: 'warn', revoked: 'mute' };
const TOPIC = /^(\*|[A-Za-z0-9][A-Za-z0-9._:/-]*\*?)$/;
const OVERLAP_HOURS = 24;

/** Systems of integrators: what they may fetch, when they last came; a token is shown when it is made, never again. */
export function ClientsPage(): ReactNode {
  const t = useOperationsText();
  const clients = useResource<{ items: ClientRow[]; longestDays: number }>('/admin/api-clients');
  const itemName = useItemName();
  const { busy, run } = useAction();
  const entry = useAction(true);
  const keeps = useMay()('connection:change');
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<ClientRow | null>(null);
  const [token, setToken] = useState<string | null>(null);
  const rows = clients.data?.items;
  const longestDays = clients.data?.longestDays ?? 0;
  const take = async (work: () => Promise<{ token: string }>, done: string, act = run): Promise<boolean> => {
    const got = await act(async () => setToken((await work()).token), done);
    if (got) clients.reload();
    return got;
  };
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('nav.clients')}</h1>
        {keeps ? <Button type="primary" disabled={!clients.data} onClick={() => setAdding(true)}>{t('clients.add')}</Button> : null}
      </div>
      <p className="lb-soft">{t('clients.intro')}</p>
      {clients.error ? <ProblemNotice error={clients.error} onRetry={clients.reload} /> : null}
      {!rows && !clients.error ? <Loading /> : null}
      {rows?.length === 0 ? <EmptyState text={t('clients.empty')} /> : null}
      {rows && rows.length > 0 ? (
        <WideTable<ClientRow>
          rowKey="id"
          dataSource={rows}
          columns={[
            {
              title: t('clients.name'),
              render: (_, row) => (
                <>
                  {row.name} <Tag tone={TONES[row.state]}>{t(`clients.${row.state}`)}</Tag>
                  <div className="lb-faint">{row.organisation}</div>
                </>
              ),
            },
            { title: t('clients.site'), render: (_, row) => row.siteName ?? t('clients.everySite') },
            {
              title: t('clients.topics'),
              className: 'lb-wrap',
              render: (_, row) => row.topics.map((topic) => <div key={topic}><code>{topic}</code></div>),
            },
            {
              title: t('clients.items'),
              className: 'lb-wrap',
              render: (_, row) => (row.items ? row.itemNames.map((name) => <div key={name}>{itemName(name)}</div>) : t('clients.everyItem')),
            },
            {
              title: t('clients.token'),
              render: (_, row) => (
                <>
                  <code>lbk_…{row.tokenHint}</code>
                  <div className="lb-faint">{t('clients.madeAt', { time: moment(row.rotatedAt ?? row.createdAt) })}</div>
                  {row.previousUntil ? <div className="lb-faint">{t('clients.previousUntil', { time: moment(row.previousUntil) })}</div> : null}
                </>
              ),
            },
            { title: t('clients.expires'), render: (_, row) => moment(row.expiresAt ?? row.createdAt) },
            { title: t('clients.lastUsed'), render: (_, row) => (row.lastUsedAt ? moment(row.lastUsedAt) : t('clients.notYet')) },
            {
              title: t('cases.actions'),
              render: (_, row) =>
                row.state === 'revoked' || !keeps ? null : (
                  <div className="lb-row-buttons">
                    <Button size="small" onClick={() => setChanging(row)}>{t('clients.change')}</Button>
                    <Confirmed ask={t('clients.rotateAsk', { n: OVERLAP_HOURS, days: longestDays })} verb={t('clients.rotate')} onConfirm={() => void take(() => api.post(`/admin/api-clients/${String(row.id)}/rotate`, { overlapHours: OVERLAP_HOURS }), t('clients.rotated'))} size="small" loading={busy}>{t('clients.rotate')}</Confirmed>
                    <Confirmed ask={t('clients.revokeAsk')} verb={t('clients.revoke')} onConfirm={() => void run(() => api.post(`/admin/api-clients/${String(row.id)}/revoke`), t('clients.revokeDone')).then(clients.reload)} size="small" danger loading={busy}>{t('clients.revoke')}</Confirmed>
                  </div>
                ),
            },
          ]}
        />
      ) : null}
      {adding ? <AddDialog busy={entry.busy} problem={entry.problem} longestDays={longestDays} onClose={() => setAdding(false)} onSave={(body) => take(() => api.post('/admin/api-clients', body), t('clients.added'), entry.run)} /> : null}
      {changing ? (
        <ChangeDialog
          client={changing}
          longestDays={longestDays}
          busy={entry.busy}
          problem={entry.problem}
          onClose={() => setChanging(null)}
          onSave={(body) => entry.run(() => api.put(`/admin/api-clients/${String(changing.id)}`, body), t('clients.changed')).then((done) => { if (done) clients.reload(); return done; })}
        />
      ) : null}
      {token ? <TokenDialog token={token} onClose={() => setToken(null)} /> : null}
    </>
  );
}

interface Values {
  name: string;
  organisation?: string;
  siteId: number;
  topics: string[];
  items?: string[];
  expires: string;
}

const EVERY_SITE = 0;

/** The end of the day that was typed, in China. */
function endOf(day: string): string {
  return `${day}T23:59:59+08:00`;
}

/** The day in China that lies so many days after a moment. */
function dayAfter(moment: string | number, days: number): string {
  return new Date(new Date(moment).getTime() + days * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** `madeAt`: when the present token was made; its end lies at most `longestDays` after that. */
function TopicsAndExpiry({ longestDays, madeAt }: { longestDays: number; madeAt?: string }): ReactNode {
  const t = useOperationsText();
  const [now] = useState(() => Date.now());
  const { locale } = useLanguage();
  const known = useResource<{ items: { code: string; name: string; nameEn: string }[] }>('/items');
  return (
    <>
      <Form.Item
        name="topics"
        label={t('clients.topics')}
        extra={t('clients.topicsHint')}
        rules={[
          { required: true, message: t('clients.topicsMissing') },
          { validator: (_, value: string[] | undefined) => ((value ?? []).every((each) => TOPIC.test(each)) ? Promise.resolve() : Promise.reject(new Error(t('clients.topicsBad')))) },
        ]}
      >
        <Select mode="tags" open={false} tokenSeparators={[',', ' ', '，']} suffix={null} />
      </Form.Item>
      <Form.Item name="items" label={t('clients.items')} extra={t('clients.itemsHint')}>
        <Select mode="multiple" allowClear showSearch={{ optionFilterProp: 'label' }} options={(known.data?.items ?? []).map((item) => ({ value: item.code, label: pickText(locale, item.name, item.nameEn) }))} />
      </Form.Item>
      <Form.Item name="expires" label={t('clients.expires')} extra={t('clients.expiresHint', { days: longestDays })} rules={[{ required: true, message: t('clients.expiresMissing') }]}>
        <Input type="date" min={dayAfter(now, 0)} max={dayAfter(madeAt ?? now, longestDays - 1)} />
      </Form.Item>
    </>
  );
}

interface SaveProps {
  busy: boolean;
  problem: Problem | null;
  onClose: () => void;
  onSave: (body: unknown) => Promise<boolean>;
}

function AddDialog({ busy, problem, longestDays, onClose, onSave }: SaveProps & { longestDays: number }): ReactNode {
  const t = useOperationsText();
  const { session } = useSession();
  const [form] = Form.useForm<Values>();
  const everywhere = session?.user?.roles.some((held) => held.role === 'PLATFORM_ADMIN') ?? false;
  const sites = useResource<{ items: { id: number; name: string }[] }>(everywhere ? '/admin/sites' : null);
  const own = [...useSitesHeld('SITE_ADMIN')].map(([value, label]) => ({ value, label }));
  const options = everywhere
    ? [{ value: EVERY_SITE, label: t('clients.everySite') }, ...(sites.data?.items ?? []).map((site) => ({ value: site.id, label: site.name }))]
    : own;
  const [now] = useState(() => Date.now());
  const save = async ({ expires, siteId, items, ...values }: Values): Promise<void> => {
    const body = {
      ...values,
      organisation: values.organisation ?? '',
      siteId: siteId === EVERY_SITE ? null : siteId,
      items: items && items.length > 0 ? items : null,
      expiresAt: endOf(expires),
    };
    if (await onSave(body)) onClose();
  };
  return (
    <Dialog title={t('clients.add')} okText={t('clients.create')} cancelText={t('action.cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      {problem ? <ErrorState problem={problem} /> : null}
      <Form form={form} layout="vertical" initialValues={{ siteId: options[0]?.value, expires: dayAfter(now, Math.min(90, longestDays - 1)) }} onFinish={(values) => void save(values)}>
        <Form.Item name="name" label={t('clients.name')} rules={[{ required: true, whitespace: true, message: t('clients.nameMissing') }]}>
          <Input maxLength={50} autoComplete="off" />
        </Form.Item>
        <Form.Item name="organisation" label={t('clients.organisation')}>
          <Input maxLength={120} autoComplete="off" />
        </Form.Item>
        <Form.Item name="siteId" label={t('clients.site')} rules={[{ required: true, message: t('clients.siteMissing') }]}>
          <Select options={options} showSearch={{ optionFilterProp: 'label' }} />
        </Form.Item>
        <TopicsAndExpiry longestDays={longestDays} />
      </Form>
    </Dialog>
  );
}

function ChangeDialog({ client, longestDays, busy, problem, onClose, onSave }: SaveProps & { client: ClientRow; longestDays: number }): ReactNode {
  const t = useOperationsText();
  const [form] = Form.useForm<Pick<Values, 'topics' | 'items' | 'expires'>>();
  const shown = dayAfter(client.expiresAt ?? client.createdAt, 0);
  const save = async ({ topics, items, expires }: Pick<Values, 'topics' | 'items' | 'expires'>): Promise<void> => {
    if (await onSave({ topics, items: items ?? [], expiresAt: expires === shown ? client.expiresAt : endOf(expires) })) onClose();
  };
  return (
    <Dialog title={`${t('clients.change')} · ${client.name}`} okText={t('action.save')} cancelText={t('action.cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      {problem ? <ErrorState problem={problem} /> : null}
      <Form form={form} layout="vertical" initialValues={{ topics: client.topics, items: client.items ?? [], expires: shown }} onFinish={(values) => void save(values)}>
        <TopicsAndExpiry longestDays={longestDays} madeAt={client.rotatedAt ?? client.createdAt} />
      </Form>
    </Dialog>
  );
}

function TokenDialog({ token, onClose }: { token: string; onClose: () => void }): ReactNode {
  const t = useOperationsText();
  return (
    <Dialog
      title={t('clients.tokenTitle')}
      closable={false}
      mask={{ closable: false }}
      footer={
        <>
          <CopyButton text={token} />
          <Button type="primary" onClick={onClose}>{t('clients.kept')}</Button>
        </>
      }
    >
      <Notice tone="warn">{t('clients.tokenOnce')}</Notice>
      <Input.TextArea aria-label={t('clients.token')} readOnly rows={2} value={token} className="lb-number" />
    </Dialog>
  );
}
