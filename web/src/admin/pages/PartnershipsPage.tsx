import { Button, Form, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { usePlacesText } from '../../i18n/places';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { EmptyState, ErrorState, Loading } from '../../shared/states';
import { Sheets } from '../people/Sheets';
import type { SiteRow } from '../types';
import { Dialog } from '../../shared/Dialog';
import { Confirmed } from '../../shared/Confirmed';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

type Partnership = components['schemas']['PartnershipRow'];
type Item = components['schemas']['ItemRow'];
interface Values {
  name: string;
  agreement: string;
  regions: string[];
  items: string[];
  validFrom: string;
  validUntil?: string;
}

/** 协作关系: which regions' sites handle which items together, by which agreement, from when until when. */
export function PartnershipsPage(): ReactNode {
  const t = usePlacesText();
  const { session } = useSession();
  const { locale } = useLanguage();
  const keeps = session?.user?.functions.includes('users:sites') ?? false;
  const rows = useResource<{ items: Partnership[] }>('/admin/partnerships');
  const sites = useResource<{ items: SiteRow[] }>('/admin/sites');
  const items = useResource<{ items: Item[] }>('/items');
  const { run } = useAction();
  const [editing, setEditing] = useState<Partnership | 'new' | null>(null);
  const itemNames = new Map((items.data?.items ?? []).map((item) => [item.code, pickText(locale, item.name, item.nameEn)]));
  const remove = async (row: Partnership): Promise<void> => {
    if (await run(() => api.delete(`/admin/partnerships/${String(row.id)}`), t('pl.saved'))) rows.reload();
  };
  const placesOf = (row: Partnership): SiteRow[] => (sites.data?.items ?? []).filter((site) => row.regions.some((code) => site.regionCode.startsWith(prefix(code))));
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('pa.title')}</h1>
        {keeps ? <Button type="primary" onClick={() => setEditing('new')}>{t('pa.add')}</Button> : null}
      </div>
      <p className="lb-soft">{t('pa.intro')}</p>
      {rows.error ? <ProblemNotice error={rows.error} onRetry={rows.reload} /> : null}
      {!rows.data && !rows.error ? <Loading /> : null}
      {rows.data?.items.length === 0 ? <EmptyState text={t('pa.empty')} /> : null}
      {rows.data?.items.length ? (
        <WideTable<Partnership>
          rowKey="id"
          dataSource={rows.data.items}
          columns={[
            { title: t('pa.name'), className: 'lb-wrap', dataIndex: 'name' },
            { title: t('pa.agreement'), className: 'lb-wrap', dataIndex: 'agreement' },
            { title: t('pa.items'), className: 'lb-wrap', render: (_, row) => row.items.map((code) => <div key={code}>{itemNames.get(code) ?? code}</div>) },
            {
              title: t('pa.sites'),
              className: 'lb-wrap',
              render: (_, row) => (
                <>
                  <div className="lb-number">{row.regions.join(' ')}</div>
                  {placesOf(row).slice(0, 6).map((site) => <div key={site.id} className="lb-faint">{site.name}</div>)}
                  {placesOf(row).length > 6 ? <div className="lb-faint">{t('pa.more', { n: placesOf(row).length - 6 })}</div> : null}
                </>
              ),
            },
            { title: t('pa.time'), render: (_, row) => <Term row={row} /> },
            ...(keeps ? [{
              title: t('pl.act'),
              render: (_: unknown, row: Partnership) => (
                <span className="lb-row-buttons">
                  <Button size="small" aria-label={`${t('pl.change')} ${row.name}`} onClick={() => setEditing(row)}>{t('pl.change')}</Button>
                  <Confirmed ask={t('pa.removeSure', { name: row.name })} verb={t('pa.remove')} onConfirm={() => void remove(row)} size="small" danger aria-label={`${t('pa.remove')} ${row.name}`}>{t('pa.remove')}</Confirmed>
                </span>
              ),
            }] : []),
          ]}
        />
      ) : null}
      {keeps ? <Sheets kinds={['partners']} onDone={rows.reload} /> : null}
      {editing ? (
        <PartnershipDialog
          row={editing === 'new' ? null : editing} sites={sites.data?.items ?? []} items={items.data?.items ?? []}
          onClose={() => setEditing(null)} onDone={() => { setEditing(null); rows.reload(); }}
        />
      ) : null}
    </>
  );
}

/** What all codes within a region begin with: 530000 → 53. */
function prefix(code: string): string {
  return code.replace(/(00)+$/, '');
}

function Term({ row }: { row: Partnership }): ReactNode {
  const t = usePlacesText();
  const { session } = useSession();
  const today = (session?.mode.now ?? new Date().toISOString()).slice(0, 10);
  const state = row.validFrom > today ? 'coming' : row.validUntil && row.validUntil < today ? 'over' : 'active';
  return (
    <>
      <Tag tone={state === 'active' ? 'good' : 'mute'}>{t(`pa.${state}`)}</Tag>
      <div className="lb-faint">{row.validFrom} – {row.validUntil ?? t('pa.openEnd')}</div>
    </>
  );
}

interface DialogProps {
  row: Partnership | null;
  sites: SiteRow[];
  items: Item[];
  onClose: () => void;
  onDone: () => void;
}

function PartnershipDialog({ row, sites, items, onClose, onDone }: DialogProps): ReactNode {
  const t = usePlacesText();
  const { locale } = useLanguage();
  const { busy, problem, run } = useAction(true);
  const [form] = Form.useForm<Values>();
  const regions = [...new Map(sites.map((site) => [site.regionCode, `${site.regionName} ${site.regionCode}`]))];
  const save = async (values: Values): Promise<void> => {
    const body = { ...values, validUntil: values.validUntil || null };
    const work = (): Promise<unknown> => (row ? api.put(`/admin/partnerships/${String(row.id)}`, body) : api.post('/admin/partnerships', body));
    if (await run(work, t('pl.saved'))) onDone();
  };
  const begin = row ? { ...row, validUntil: row.validUntil ?? undefined } : { regions: [], items: [] };
  return (
    <Dialog title={row ? t('pa.change') : t('pa.add')} onCancel={onClose} onOk={() => form.submit()} okText={t('pl.save')} cancelText={t('pl.cancel')} confirmLoading={busy}>
      {problem ? <ErrorState problem={problem} /> : null}
      <Form<Values> form={form} layout="vertical" initialValues={begin} onFinish={(values) => void save(values)}>
        <Form.Item name="name" label={t('pa.name')} rules={[{ required: true, whitespace: true }]}><Input maxLength={120} /></Form.Item>
        <Form.Item name="agreement" label={t('pa.agreement')} rules={[{ required: true, whitespace: true }]}><Input maxLength={200} /></Form.Item>
        <Form.Item name="items" label={t('pa.items')} rules={[{ required: true }]}>
          <Select mode="multiple" showSearch={{ optionFilterProp: 'label' }} options={items.map((item) => ({ value: item.code, label: pickText(locale, item.name, item.nameEn) }))} />
        </Form.Item>
        <Form.Item name="regions" label={t('pa.regions')} extra={t('pa.regionsHint')} rules={[{ required: true }]}>
          <Select mode="tags" tokenSeparators={[' ', ',', '，']} options={regions.map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        <div className="lb-two">
          <Form.Item name="validFrom" label={t('pa.from')} rules={[{ required: true }]}><Input type="date" /></Form.Item>
          <Form.Item name="validUntil" label={t('pa.until')}><Input type="date" /></Form.Item>
        </div>
      </Form>
    </Dialog>
  );
}
