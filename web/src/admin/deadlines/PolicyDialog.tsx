import { Button, Form, Input, Radio, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { moment } from '../../case/dates';
import { bracketed, pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useDeadlineText } from '../../i18n/deadlines';
import { api } from '../../shared/api/client';
import { ErrorState, Loading } from '../../shared/states';
import { Confirmed } from '../../shared/Confirmed';
import { Dialog } from '../../shared/Dialog';
import { useAction } from '../useAction';
import { Preview } from './Preview';
import { Value } from './Value';
import type { DatesPreview, PolicyMatrixRow, PolicyVersion } from './shapes';

const SCOPES = ['platform', 'province', 'site', 'item', 'partner'] as const;
type Scope = (typeof SCOPES)[number];
interface Values { scope: Scope; scopeRef?: string; itemCode?: string; value: string; source?: string; reason?: string; alsoOpen: boolean }
interface Option { value: string; label: string }
interface Props {
  policy: PolicyMatrixRow;
  place: { site?: string | undefined; item?: string | undefined; partner?: string | undefined };
  mayEdit: boolean;
  sites: Option[];
  provinces: Option[];
  items: Option[];
  /** What a site, an item or a division is called. */
  nameOf: (code: string) => string;
  onClose: () => void;
  onDone: () => void;
}

/** One policy: its bounds, its history, and a change of a layer with what it would move. */
export function PolicyDialog({ policy, place, mayEdit, sites, provinces, items, nameOf, onClose, onDone }: Props): ReactNode {
  const t = useDeadlineText();
  const { locale } = useLanguage();
  const [form] = Form.useForm<Values>();
  const { busy, problem, run } = useAction(true);
  const [preview, setPreview] = useState<DatesPreview | null>(null);
  const bodyOf = (values: Values, value: string | null): object => ({ key: policy.key, scope: values.scope, scopeRef: values.scopeRef ?? '', itemCode: values.itemCode ?? '', value, source: values.source ?? '', reason: values.reason ?? '', alsoOpen: values.alsoOpen });
  const save = async (values: Values, value: string | null): Promise<void> => {
    if (await run(() => api.put('/admin/policies', bodyOf(values, value)), t(values.alsoOpen ? 'policies.changedOpen' : 'policies.saved'))) {
      onClose();
      onDone();
    }
  };
  const attempt = (): Promise<boolean> => run(async () => {
    const values = form.getFieldsValue();
    setPreview(await api.post<DatesPreview>('/admin/policies/preview', bodyOf(values, values.value), { reads: true }));
  }, t('calendar.step'));
  const title = `${pickText(locale, policy.name, policy.nameEn)}${bracketed(locale, policy.key)}`;
  const footer = mayEdit ? {} : { footer: null };
  return (
    <Dialog width={680} title={title} okText={t('action.save')} cancelText={t('action.cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()} {...footer}>
      <p className="lb-soft">{pickText(locale, policy.explanation, policy.explanationEn)}</p>
      <ul className="lb-soft">
        {policy.bounds.map((bound) => <li key={bound.other || bound.most}>{bound.most ? t('policies.most', { most: bound.most, source: bound.source }) : t('policies.boundOther', { how: t(bound.strict ? 'policies.below' : 'policies.atMost'), name: pickText(locale, bound.otherName, bound.otherNameEn), source: bound.source })}</li>)}
      </ul>
      {problem ? <ErrorState problem={problem} /> : null}
      {mayEdit ? <Fields form={form} policy={policy} place={place} sites={sites} provinces={provinces} items={items} onChange={() => setPreview(null)} onFinish={(values) => void save(values, values.value)} /> : null}
      {mayEdit ? <p><Button loading={busy} onClick={() => void attempt()}>{t('calendar.try')}</Button> <Confirmed ask={t('policies.takeBackSure')} verb={t('policies.takeBack')} onConfirm={() => void save(form.getFieldsValue(), null)} danger loading={busy}>{t('policies.takeBack')}</Confirmed></p> : null}
      {preview ? <Preview preview={preview} /> : null}
      <History policy={policy} nameOf={nameOf} />
    </Dialog>
  );
}

interface FieldsProps extends Pick<Props, 'policy' | 'place' | 'sites' | 'provinces' | 'items'> {
  form: ReturnType<typeof Form.useForm<Values>>[0];
  onChange: () => void;
  onFinish: (values: Values) => void;
}

function Fields({ form, policy, place, sites, provinces, items, onChange, onFinish }: FieldsProps): ReactNode {
  const t = useDeadlineText();
  const scope = Form.useWatch('scope', form) as Scope | undefined;
  const open = Form.useWatch('alsoOpen', form) as boolean | undefined;
  const first: Scope = place.partner ? 'partner' : place.item ? 'item' : place.site ? 'site' : 'platform';
  const refs = scope === 'province' ? provinces : sites;
  const required = [{ required: true, whitespace: true, message: t('policies.required') }];
  const needsRef = scope === 'province' || scope === 'site' || scope === 'partner';
  return (
    <Form form={form} layout="vertical" initialValues={{ scope: first, scopeRef: place.partner ?? place.site, itemCode: place.item, value: policy.value, alsoOpen: false }} onValuesChange={onChange} onFinish={onFinish}>
      <Form.Item name="scope" label={t('policies.scope')} rules={required}>
        <Select onChange={() => form.setFieldValue('scopeRef', undefined)} options={SCOPES.map((value) => ({ value, label: t(`scope.${value}`) }))} />
      </Form.Item>
      {needsRef ? <Form.Item name="scopeRef" label={t('policies.scopeRef')} rules={required}><Select showSearch={{ optionFilterProp: 'label' }} options={refs} /></Form.Item> : null}
      <Form.Item name="itemCode" label={t('policies.item')} rules={scope === 'item' ? required : []}><Select allowClear showSearch={{ optionFilterProp: 'label' }} options={items} /></Form.Item>
      <Form.Item name="value" label={t('policies.newValue')} rules={required}><Input autoComplete="off" maxLength={60} /></Form.Item>
      <Form.Item name="source" label={t('policies.newSource')} rules={required}><Input maxLength={300} autoComplete="off" /></Form.Item>
      <Form.Item name="alsoOpen" label={t('policies.appliesTo')}>
        <Radio.Group options={[{ value: false, label: t('policies.onlyNew') }, { value: true, label: t('policies.alsoOpen') }]} />
      </Form.Item>
      <Form.Item name="reason" label={t(open ? 'policies.reasonOpen' : 'policies.reason')} rules={open ? required : []}><Input maxLength={300} autoComplete="off" /></Form.Item>
    </Form>
  );
}

function History({ policy, nameOf }: Pick<Props, 'policy' | 'nameOf'>): ReactNode {
  const t = useDeadlineText();
  const history = useResource<{ items: PolicyVersion[] }>(`/admin/policies/${encodeURIComponent(policy.key)}/history`);
  const rows = history.data?.items ?? [];
  return (
    <section>
      <h2>{t('policies.history')}</h2>
      {history.error ? <ProblemNotice error={history.error} onRetry={history.reload} /> : null}
      {!history.data && history.loading ? <Loading rows={2} /> : null}
      {history.data && rows.length === 0 ? <p className="lb-soft">{t('policies.noHistory')}</p> : null}
      <ol className="lb-versions">
        {rows.map((row) => (
          <li key={row.id}>
            {moment(row.changedAt)} {row.changer} · {t(`scope.${SCOPES.find((each) => each === row.scope) ?? 'platform'}`)} {[row.scopeRef, row.itemCode].filter(Boolean).map(nameOf).join(' · ')} → <strong>{row.value === null ? t('policies.takenBack') : <Value text={row.value} />}</strong> · {t(row.alsoOpen ? 'policies.alsoOpen' : 'policies.onlyNew')}
            <div className="lb-soft">{[row.source, row.reason].filter(Boolean).join(' · ')}</div>
          </li>
        ))}
      </ol>
    </section>
  );
}
