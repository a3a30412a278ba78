import { Form, Input, Select } from 'antd';
import { type ReactNode } from 'react';

import type { components } from '../../api/schema';
import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { query, useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { usePeopleText } from '../../i18n/people';
import { api } from '../../shared/api/client';
import { ErrorState, Loading, Notice } from '../../shared/states';
import { Dialog } from '../../shared/Dialog';
import { Confirmed } from '../../shared/Confirmed';
import { useAction } from '../useAction';

type Person = Pick<components['schemas']['AdminUser'], 'id' | 'name'> & { roles: { role: string; roleName: string; roleNameEn: string; siteId: number | null; siteName: string }[] };
type Foreseen = components['schemas']['ForeseenAnswer'];
interface Choice {
  value: string;
  label: string;
}
interface Props {
  person: Person;
  roles: Choice[];
  platformRoles: readonly string[];
  places: { value: number; label: string }[];
  onClose: () => void;
  onDone: () => void;
}
interface Values {
  role?: string;
  siteId?: number;
  reason?: string;
  endsOn?: string;
}

/** The roles of one person: taken back, or a further one given. What the duties kept apart mean is told before anything is saved. */
export function RoleDialog({ person, roles, platformRoles, places, onClose, onDone }: Props): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  const { busy, problem, run } = useAction(true);
  const [form] = Form.useForm<Values>();
  const role = Form.useWatch('role', form);
  const place = Form.useWatch('siteId', form);
  const atSite = role !== undefined && !platformRoles.includes(role);
  const ready = role !== undefined && (!atSite || place !== undefined);
  const path = `/admin/users/${String(person.id)}/roles`;
  const found = useResource<Foreseen>(ready ? `${path}/foreseen${query({ role, siteId: atSite ? place : null })}` : null);
  const foreseen = found.data;
  const give = async (values: Values): Promise<void> => {
    const body = { role: values.role, siteId: atSite ? values.siteId : null, reason: values.reason ?? '', endsOn: values.endsOn ?? null };
    if (await run(() => api.post(path, body), t('people.saved'))) onDone();
  };
  const take = async (held: Person['roles'][number]): Promise<void> => {
    if (await run(() => api.post(`${path}/revoke`, { role: held.role, siteId: held.siteId }), t('people.saved'))) onDone();
  };
  return (
    <Dialog
      title={t('role.title', { name: person.name })} onCancel={onClose} onOk={() => form.submit()} okText={t('role.give')} cancelText={t('role.close')}
      okButtonProps={{ disabled: !foreseen || foreseen.refused !== null }} confirmLoading={busy}
    >
      {problem ? <ErrorState problem={problem} /> : null}
      <h3>{t('role.held')}</h3>
      <ul className="lb-versions">
        {person.roles.map((held) => (
          <li key={`${held.role}${String(held.siteId)}`} className="lb-row">
            <span>{pickText(locale, held.roleName, held.roleNameEn)} · {held.siteId === null ? t('people.platform') : held.siteName}</span>
            <Confirmed
              ask={t('role.takeSure')} verb={t('role.take')} onConfirm={() => void take(held)} size="small" danger disabled={busy}
              aria-label={`${t('role.take')} ${pickText(locale, held.roleName, held.roleNameEn)}`}
            >
              {t('role.take')}
            </Confirmed>
          </li>
        ))}
      </ul>
      <h3>{t('role.add')}</h3>
      <Form form={form} layout="vertical" onFinish={(values) => void give(values)}>
        <Form.Item name="role" label={t('people.role')} rules={[{ required: true }]}>
          <Select options={roles} />
        </Form.Item>
        {atSite ? (
          <Form.Item name="siteId" label={t('people.site')} rules={[{ required: true }]}>
            <Select showSearch={{ optionFilterProp: 'label' }} options={places} />
          </Form.Item>
        ) : null}
        {found.error ? <ProblemNotice error={found.error} onRetry={found.reload} /> : null}
        {ready && found.loading ? <Loading rows={2} /> : null}
        {foreseen ? <Meaning foreseen={foreseen} /> : null}
        {foreseen?.needsException ? (
          <>
            <Form.Item name="reason" label={t('role.reason')} rules={[{ required: true, whitespace: true }]}>
              <Input.TextArea rows={2} maxLength={300} />
            </Form.Item>
            <Form.Item name="endsOn" label={t('role.endsOn')} extra={t('role.latest', { date: foreseen.latestEnd })} rules={[{ required: true }]}>
              <Input type="date" max={foreseen.latestEnd} />
            </Form.Item>
          </>
        ) : null}
      </Form>
    </Dialog>
  );
}

function Meaning({ foreseen }: { foreseen: Foreseen }): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  const words = (rule: { text: string; textEn: string }): string => (locale === 'zh' ? rule.text : rule.textEn);
  if (foreseen.refused) return <Notice tone="bad" title={t('role.refused')}><p>{words(foreseen.refused)}</p></Notice>;
  if (foreseen.apart.length === 0) return <Notice tone="good" title={t('role.free')} />;
  return (
    <Notice tone="warn" title={t('role.apart')}>
      <ul>{foreseen.apart.map((rule) => <li key={rule.key}>{words(rule)}</li>)}</ul>
      <p>{t('role.apartMeans')}</p>
    </Notice>
  );
}
