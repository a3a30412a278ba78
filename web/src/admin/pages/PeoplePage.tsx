import { Button, Form, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useKeptText } from '../../i18n/kept';
import { usePeopleText } from '../../i18n/people';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { useSitesHeld } from '../../shared/session/useSitesHeld';
import { ErrorState, Loading } from '../../shared/states';
import { Dialog } from '../../shared/Dialog';
import { AccountDialog } from '../people/AccountDialog';
import { DisableDialog } from '../people/DisableDialog';
import { RoleDialog } from '../people/RoleDialog';
import { Sheets } from '../people/Sheets';
import { WhyDialog } from '../people/WhyDialog';
import { Confirmed } from '../../shared/Confirmed';
import { FirstPasswords, type FirstPassword } from '../people/FirstPasswords';
import type { SiteRow } from '../types';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

interface Person {
  id: number;
  name: string;
  login: string;
  officePhone: string;
  isActive: boolean;
  /** The initial password was not changed yet. */
  waits: boolean;
  roles: { role: string; roleName: string; roleNameEn: string; siteId: number | null; siteName: string }[];
}
interface NewPerson {
  login: string;
  name: string;
  officePhone?: string;
  role: string;
  siteId?: number;
}
const SITE_ROLES = ['RECV_CLERK', 'HANDLER', 'APPROVER', 'LIAISON', 'SITE_ADMIN'];
const SUPERVISION = 'supervision';
const PLATFORM_ROLES = ['DESIGNER', 'PLATFORM_ADMIN', 'AUDITOR'];

/** People of the administrator's sites: register, disable, and why somebody may or may not. */
export function PeoplePage(): ReactNode {
  const t = usePeopleText();
  const kept = useKeptText();
  const { locale } = useLanguage();
  const { session } = useSession();
  const { busy, run } = useAction();
  const entry = useAction(true);
  const people = useResource<{ items: Person[] }>('/admin/users');
  const sites = useResource<{ items: SiteRow[] }>('/admin/sites');
  const matrix = useResource<{ roles: { code: string; name: string; nameEn: string }[] }>('/role-matrix');
  const [adding, setAdding] = useState(false);
  const [why, setWhy] = useState<Person | null>(null);
  const [account, setAccount] = useState<Person | null>(null);
  const [giving, setGiving] = useState<Person | null>(null);
  const [chosen, setChosen] = useState<number[]>([]);
  const [closing, setClosing] = useState(false);
  const [made, setMade] = useState<FirstPassword[]>([]);
  const [form] = Form.useForm<NewPerson>();
  const held = session?.user?.functions ?? [];
  const appoints = held.includes('users:appoint');
  const changes = held.includes('users:change') || appoints;
  const own = useSitesHeld('SITE_ADMIN');
  const places = (sites.data?.items ?? []).filter((site) => appoints || own.has(site.id));
  const supervises = places.some((site) => site.sector === SUPERVISION) ? ['SUPERVISOR'] : [];
  const given = appoints ? [...PLATFORM_ROLES, 'SITE_ADMIN', 'SUPERVISOR'] : [...SITE_ROLES, ...supervises];
  const roles = (matrix.data?.roles ?? []).filter((role) => given.includes(role.code));
  const role = Form.useWatch('role', form);
  const add = async (values: NewPerson): Promise<void> => {
    const body = { ...values, officePhone: values.officePhone ?? '', siteId: values.siteId ?? null };
    const work = async (): Promise<void> => {
      const { login, password } = await api.post<{ login: string; password: string }>('/admin/users', body);
      setMade([{ login, name: values.name, password }]);
    };
    const done = await entry.run(work, t('people.made', { login: values.login }));
    if (done) {
      setAdding(false);
      people.reload();
    }
  };
  const waiting = (people.data?.items ?? []).filter((row) => row.waits && row.isActive && chosen.includes(row.id)).map((row) => row.id);
  const renew = async (): Promise<void> => {
    const work = async (): Promise<void> => setMade((await api.post<{ passwords: FirstPassword[] }>('/admin/users/initial-passwords', { userIds: waiting })).passwords);
    if (await run(work, t('first.renewed'))) setChosen([]);
  };
  const toggle = async (row: Person): Promise<void> => {
    const body = { name: row.name, officePhone: row.officePhone, isActive: !row.isActive };
    if (await run(() => api.put(`/admin/users/${String(row.id)}`, body), t('people.saved'))) people.reload();
  };
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('nav.people')}</h1>
        {changes ? (
          <span className="lb-row">
            <Confirmed ask={t('first.ask', { n: waiting.length })} verb={t('first.renew')} onConfirm={() => void renew()} loading={busy} disabled={waiting.length === 0}>{t('first.button', { n: waiting.length })}</Confirmed>
            <Button danger disabled={chosen.length === 0} onClick={() => setClosing(true)}>{t('off.button', { n: chosen.length })}</Button>
            <Button type="primary" onClick={() => setAdding(true)}>{t('people.add')}</Button>
          </span>
        ) : null}
      </div>
      <p className="lb-soft">{t('people.intro')}</p>
      {made.length > 0 ? <FirstPasswords rows={made} onClose={() => setMade([])} /> : null}
      {people.error ? <ProblemNotice error={people.error} onRetry={people.reload} /> : null}
      {!people.data && !people.error ? <Loading /> : null}
      {people.data ? (
        <WideTable<Person>
          rowKey="id"
          dataSource={people.data.items}
          {...(changes ? {
            rowSelection: {
              selectedRowKeys: chosen,
              onChange: (keys) => setChosen(keys.map(Number)),
              columnTitle: <span className="lb-visually-hidden">{t('off.choose')}</span>,
              getCheckboxProps: (row: Person) => ({ disabled: !row.isActive || row.id === session?.user?.id, 'aria-label': t('off.chooseOne', { name: row.name }) }),
            },
          } : {})}
          columns={[
            {
              title: t('people.name'),
              render: (_, row) => (
                <>
                  {row.name} <span className="lb-faint">{row.login}</span>
                </>
              ),
            },
            { title: t('people.phone'), dataIndex: 'officePhone' },
            {
              title: t('people.roles'),
              className: 'lb-wrap',
              render: (_, row) => row.roles.map((each) => <div key={`${each.role}${String(each.siteId)}`}>{pickText(locale, each.roleName, each.roleNameEn)} · {each.siteId === null ? t('people.platform') : each.siteName}</div>),
            },
            { title: t('people.state'), render: (_, row) => <><Tag tone={row.isActive ? 'good' : 'mute'}>{t(row.isActive ? 'people.on' : 'people.off')}</Tag>{row.waits && row.isActive ? <> <Tag tone="info">{t('first.waits')}</Tag></> : null}</> },
            {
              title: t('people.act'),
              render: (_, row) => (
                <span className="lb-links">
                  <Button type="link" size="small" onClick={() => setWhy(row)}>{t('people.why')}</Button>
                  {changes && row.id !== session?.user?.id ? <Button type="link" size="small" onClick={() => setAccount(row)}>{kept('open')}</Button> : null}
                  {changes && row.id !== session?.user?.id ? <Button type="link" size="small" aria-label={t('role.title', { name: row.name })} onClick={() => setGiving(row)}>{t('role.button')}</Button> : null}
                  {changes && row.id !== session?.user?.id ? (
                    <Confirmed
                      ask={t(row.isActive ? 'people.disableSure' : 'people.enableSure', { name: row.name })} verb={t(row.isActive ? 'people.disable' : 'people.enable')} danger={row.isActive}
                      onConfirm={() => void toggle(row)} type="link" size="small" disabled={busy} aria-label={t(row.isActive ? 'people.disableOf' : 'people.enableOf', { name: row.name })}
                    >
                      {t(row.isActive ? 'people.disable' : 'people.enable')}
                    </Confirmed>
                  ) : null}
                </span>
              ),
            },
          ]}
        />
      ) : null}
      {changes ? <Sheets kinds={appoints ? ['users', 'sites', 'organisations', 'regions', 'partners'] : ['users', 'contacts']} onDone={people.reload} /> : null}
      {adding ? (
        <Dialog title={t('people.add')} okText={t('people.add')} onCancel={() => setAdding(false)} onOk={() => form.submit()} confirmLoading={entry.busy}>
          {entry.problem ? <ErrorState problem={entry.problem} /> : null}
          <Form form={form} layout="vertical" onFinish={(values) => void add(values)}>
            <Form.Item name="login" label={t('people.login')} extra={t('people.loginRule')} rules={[{ required: true, pattern: /^[a-z][a-z0-9._-]{2,59}$/, message: t('people.loginBad') }]}>
              <Input maxLength={60} autoComplete="off" />
            </Form.Item>
            <Form.Item name="name" label={t('people.name')} rules={[{ required: true }]}>
              <Input maxLength={60} autoComplete="off" />
            </Form.Item>
            <Form.Item name="officePhone" label={t('people.phone')}>
              <Input maxLength={40} />
            </Form.Item>
            <Form.Item name="role" label={t('people.role')} rules={[{ required: true }]}>
              <Select options={roles.map((each) => ({ value: each.code, label: locale === 'zh' ? each.name : each.nameEn }))} />
            </Form.Item>
            {role && !PLATFORM_ROLES.includes(role) ? (
              <Form.Item name="siteId" label={t('people.site')} rules={[{ required: true }]}>
                <Select showSearch={{ optionFilterProp: 'label' }} options={places.map((site) => ({ value: site.id, label: site.name }))} />
              </Form.Item>
            ) : null}
          </Form>
        </Dialog>
      ) : null}
      {account ? <AccountDialog person={account} onClose={() => setAccount(null)} /> : null}
      {giving ? (
        <RoleDialog
          person={giving} platformRoles={PLATFORM_ROLES} places={places.map((site) => ({ value: site.id, label: site.name }))}
          roles={roles.map((each) => ({ value: each.code, label: locale === 'zh' ? each.name : each.nameEn }))}
          onClose={() => setGiving(null)} onDone={() => { setGiving(null); people.reload(); }}
        />
      ) : null}
      {closing ? <DisableDialog userIds={chosen} onClose={() => setClosing(false)} onDone={() => { setClosing(false); setChosen([]); people.reload(); }} /> : null}
      {why ? <WhyDialog person={why} onClose={() => setWhy(null)} /> : null}
    </>
  );
}
