import { Button, Form, Input, Select } from 'antd';
import { useState, type ReactNode } from 'react';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { bracketed, listText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useProviderText } from '../../i18n/providers';
import { api } from '../../shared/api/client';
import { EmptyState, Loading } from '../../shared/states';
import { Confirmed } from '../../shared/Confirmed';
import { FormDialog } from '../FormDialog';
import { useKeeping } from '../keeping';
import type { UserRow } from '../types';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

type Provider = components['schemas']['AdminProvider'];
type Link = components['schemas']['LinkAnswer'];

/** Identity providers: how they are, and whom their people are here. */
export function ProvidersPage(): ReactNode {
  const t = useProviderText();
  const providers = useResource<{ items: Provider[]; localLogin: string }>('/admin/providers');
  const items = providers.data?.items;
  return (
    <div className="lb-parts">
      <h1>{t('pv.title')}</h1>
      <p className="lb-soft">{t('pv.intro')}</p>
      {providers.error ? <ProblemNotice error={providers.error} onRetry={providers.reload} /> : null}
      {!providers.data && providers.loading ? <Loading rows={3} /> : null}
      {providers.data?.localLogin === 'administrators' ? <p>{t('pv.onlyAdmins')}</p> : null}
      {items?.length === 0 ? <EmptyState text={t('pv.none')} /> : null}
      {items?.length ? <ProviderTable rows={items} reload={providers.reload} /> : null}
      {items?.length ? <Links providers={items} /> : null}
      {items?.some((row) => row.audience !== 'staff') ? <ApplicantLinks /> : null}
    </div>
  );
}

function ProviderTable({ rows, reload }: { rows: Provider[]; reload: () => void }): ReactNode {
  const t = useProviderText();
  const { locale } = useLanguage();
  const keeping = useKeeping();
  const { busy, run } = useAction();
  const check = async (row: Provider): Promise<void> => {
    if (await run(() => api.post(`/admin/providers/${encodeURIComponent(row.key)}/check`), t('pv.checked'))) reload();
  };
  return (
    <section aria-label={t('pv.providers')}>
      <h2>{t('pv.providers')}</h2>
      <WideTable<Provider>
        rowKey="key"
        dataSource={rows}
        columns={[
          { title: t('pv.name'), render: (_, row) => <>{locale === 'en' ? row.nameEn : row.name}<div className="lb-faint">{row.key}</div></> },
          { title: t('pv.audience'), render: (_, row) => t(`pv.${row.audience}`) },
          { title: t('pv.issuer'), render: (_, row) => <>{row.issuer}<div className="lb-faint">{row.clientId}</div></>, className: 'lb-wrap' },
          { title: t('pv.levels'), render: (_, row) => listText(locale, row.levels.map((level) => t(`pv.${level as 'real-name' | 'real-person'}`))) },
          { title: t('pv.state'), render: (_, row) => <State row={row} />, className: 'lb-wrap' },
          { title: t('pv.keys'), render: (_, row) => row.keysAt ? t('pv.keysAt', { count: row.keyCount, at: moment(row.keysAt) }) : '' },
          {
            title: t('pv.actions'),
            render: (_, row) => keeping.any ? <Button size="small" loading={busy} aria-label={t('pv.checkOf', { name: row.key })} onClick={() => void check(row)}>{t('pv.check')}</Button> : null,
          },
        ]}
      />
    </section>
  );
}

function State({ row }: { row: Provider }): ReactNode {
  const t = useProviderText();
  const { locale } = useLanguage();
  if (row.reachable === null) return <Tag tone="info">{t('pv.notAsked')}</Tag>;
  return (
    <>
      <Tag tone={row.reachable ? 'good' : 'bad'}>{t(row.reachable ? 'pv.well' : 'pv.away')}</Tag>
      <div className="lb-faint">{moment(row.checkedAt ?? '')}</div>
      {row.reachable ? null : <div>{locale === 'en' ? row.noteEn : row.note}</div>}
    </>
  );
}

function LinkTable({ rows, reload, mayUndo }: { rows: Link[]; reload: () => void; mayUndo: boolean }): ReactNode {
  const t = useProviderText();
  const { run } = useAction();
  const undo = async (row: Link): Promise<void> => {
    if (await run(() => api.delete(`/admin/identity-links/${String(row.id)}`), t('pv.undone'))) reload();
  };
  return (
    <WideTable<Link>
      rowKey="id"
      dataSource={rows}
      columns={[
        { title: t('pv.account'), render: (_, row) => <>{row.name}<div className="lb-faint">{row.login}</div></> },
        { title: t('pv.provider'), dataIndex: 'provider' },
        { title: t('pv.number'), dataIndex: 'number' },
        { title: t('pv.bound'), render: (_, row) => <Tag tone={row.bound ? 'good' : 'info'}>{t(row.bound ? 'pv.isBound' : 'pv.waits')}</Tag> },
        { title: t('pv.used'), render: (_, row) => row.usedAt ? moment(row.usedAt) : '' },
        {
          title: t('pv.actions'),
          render: (_, row) => mayUndo ? (
            <Confirmed ask={t('pv.undoSure', { name: row.name })} verb={t('pv.undo')} onConfirm={() => void undo(row)} size="small" danger aria-label={t('pv.undoOf', { name: row.login })}>{t('pv.undo')}</Confirmed>
          ) : null,
        },
      ]}
    />
  );
}

function Links({ providers }: { providers: Provider[] }): ReactNode {
  const t = useProviderText();
  const links = useResource<{ items: Link[] }>('/admin/identity-links');
  const keeping = useKeeping();
  const [adding, setAdding] = useState(false);
  const byNumber = providers.filter((row) => row.audience === 'staff' && row.byNumber);
  return (
    <section aria-label={t('pv.links')}>
      <div className="lb-page-head">
        <h2>{t('pv.links')}</h2>
        {keeping.any && byNumber.length > 0 ? <Button type="primary" onClick={() => setAdding(true)}>{t('pv.add')}</Button> : null}
      </div>
      {links.error ? <ProblemNotice error={links.error} onRetry={links.reload} /> : null}
      {links.data?.items.length === 0 ? <EmptyState text={t('pv.noLinks')} /> : null}
      {links.data?.items.length ? <LinkTable rows={links.data.items} reload={links.reload} mayUndo={keeping.any} /> : null}
      {adding ? <LinkDialog providers={byNumber} onClose={() => setAdding(false)} onDone={links.reload} /> : null}
    </section>
  );
}

interface LinkValues {
  provider: string;
  userId: number;
  number: string;
}

function LinkDialog({ providers, onClose, onDone }: { providers: Provider[]; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useProviderText();
  const { locale } = useLanguage();
  const users = useResource<{ items: UserRow[] }>('/admin/users');
  const { run, problem } = useAction(true);
  const save = (values: LinkValues): Promise<boolean> => run(() => api.put('/admin/identity-links', values), t('pv.added'));
  const required = [{ required: true, message: t('pv.required') }];
  const people = (users.data?.items ?? []).map((user) => ({ value: user.id, label: `${user.name}${bracketed(locale, user.login)}` }));
  return (
    <FormDialog<LinkValues> title={t('pv.add')} okText={t('pv.save')} start={providers[0] ? { provider: providers[0].key } : {}} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <Form.Item name="provider" label={t('pv.provider')} rules={required}><Select options={providers.map((row) => ({ value: row.key, label: locale === 'en' ? row.nameEn : row.name }))} /></Form.Item>
      <Form.Item name="userId" label={t('pv.account')} rules={required}><Select showSearch={{ optionFilterProp: 'label' }} options={people} /></Form.Item>
      <Form.Item name="number" label={t('pv.number')} extra={t('pv.numberHint')} rules={required}><Input maxLength={100} autoComplete="off" /></Form.Item>
    </FormDialog>
  );
}

function ApplicantLinks(): ReactNode {
  const t = useProviderText();
  const { forPlatform } = useKeeping();
  const { busy, run } = useAction();
  const [rows, setRows] = useState<Link[] | null>(null);
  const [form] = Form.useForm<{ number: string }>();
  if (!forPlatform) return null;
  const search = async ({ number }: { number: string }): Promise<void> => {
    await run(async () => setRows((await api.post<{ items: Link[] }>('/admin/identity-links/search', { number })).items), t('pv.searched'));
  };
  return (
    <section aria-label={t('pv.applicants')}>
      <h2>{t('pv.applicants')}</h2>
      <p className="lb-soft">{t('pv.applicantsIntro')}</p>
      <Form form={form} layout="inline" onFinish={(values) => void search(values)}>
        <Form.Item name="number" label={t('pv.idNumber')} rules={[{ required: true, message: t('pv.required') }]}><Input maxLength={40} autoComplete="off" /></Form.Item>
        <Button htmlType="submit" loading={busy}>{t('pv.search')}</Button>
      </Form>
      {rows?.length === 0 ? <EmptyState text={t('pv.noneFound')} /> : null}
      {rows?.length ? <LinkTable rows={rows} reload={() => setRows(null)} mayUndo /> : null}
    </section>
  );
}
