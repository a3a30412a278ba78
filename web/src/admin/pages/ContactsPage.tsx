import { Button } from 'antd';
import { type ReactNode, useState } from 'react';

import { shortDay } from '../../case/dates';
import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { usePeopleText } from '../../i18n/people';
import { api } from '../../shared/api/client';
import { Confirmed } from '../../shared/Confirmed';
import { useSitesHeld } from '../../shared/session/useSitesHeld';
import { EmptyState, Loading } from '../../shared/states';
import { ContactDialog, type ContactRow } from '../people/ContactDialog';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

/** The contact book: who answers for a unit, who is the deputy, whether notices reach them, and whether somebody confirmed it lately. */
export function ContactsPage(): ReactNode {
  const t = usePeopleText();
  const contacts = useResource<{ items: ContactRow[] }>('/admin/contacts');
  const items = useResource<{ items: { code: string; name: string; nameEn: string }[] }>('/items');
  const { locale } = useLanguage();
  const { busy, run } = useAction();
  const [editing, setEditing] = useState<ContactRow | 'new' | null>(null);
  const own = useSitesHeld('SITE_ADMIN', 'LIAISON');
  const names = new Map((items.data?.items ?? []).map((item) => [item.code, pickText(locale, item.name, item.nameEn)]));
  const rows = contacts.data?.items;
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    if (await run(work, t('people.saved'))) contacts.reload();
  };
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('nav.contacts')}</h1>
        {own.size > 0 ? <Button type="primary" onClick={() => setEditing('new')}>{t('contacts.add')}</Button> : null}
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
            { title: t('contacts.unit'), className: 'lb-wrap', render: (_, row) => <>{row.siteName}<div className="lb-faint">{row.regionName}</div></> },
            { title: t('contacts.item'), className: 'lb-wrap', render: (_, row) => (row.itemCode ? names.get(row.itemCode) ?? row.itemCode : t('contacts.allItems')) },
            { title: t('contacts.person'), render: (_, row) => <Who name={row.name} phone={row.officePhone} account={row.account} suggested={row.suggested} busy={busy} onLink={(id) => void act(() => api.post(`/admin/contacts/${String(row.id)}/link`, { userId: id }))} /> },
            { title: t('contacts.duty'), className: 'lb-wrap', dataIndex: 'dutyTime' },
            { title: t('contacts.deputy'), render: (_, row) => <Who name={row.deputyName} phone={row.deputyPhone} account={row.deputyAccount} suggested={row.suggestedDeputy} busy={busy} onLink={(id) => void act(() => api.post(`/admin/contacts/${String(row.id)}/link`, { deputyUserId: id }))} /> },
            {
              title: t('contacts.confirmBy'),
              render: (_, row) => (
                <>
                  <div>{shortDay(row.confirmBy)}</div>
                  <Tag tone={row.stale ? 'warn' : 'good'}>{t(row.stale ? 'contacts.stale' : 'contacts.fresh')}</Tag>
                </>
              ),
            },
            {
              title: t('people.act'),
              render: (_, row) => (row.mayChange ? (
                <div className="lb-row-buttons">
                  <Button size="small" disabled={busy} aria-label={`${t('contacts.confirm')} ${row.name}`} onClick={() => void act(() => api.post(`/admin/contacts/${String(row.id)}/confirm`))}>{t('contacts.confirm')}</Button>
                  <Button size="small" disabled={busy} aria-label={`${t('contacts.change')} ${row.name}`} onClick={() => setEditing(row)}>{t('contacts.change')}</Button>
                  <Confirmed
                    ask={t('contacts.removeAsk')} verb={t('contacts.remove')} size="small" danger disabled={busy} aria-label={`${t('contacts.remove')} ${row.name}`}
                    onConfirm={() => void act(() => api.delete(`/admin/contacts/${String(row.id)}`))}
                  >
                    {t('contacts.remove')}
                  </Confirmed>
                </div>
              ) : null),
            },
          ]}
        />
      ) : null}
      {editing ? <ContactDialog entry={editing === 'new' ? null : editing} sites={own} onClose={() => setEditing(null)} onDone={contacts.reload} /> : null}
    </>
  );
}

interface WhoProps {
  name: string;
  phone: string;
  account: ContactRow['account'];
  /** The account at the site with the same name, to whoever keeps the entry. */
  suggested: ContactRow['suggested'];
  busy: boolean;
  onLink: (id: number) => void;
}

function Who({ name, phone, account, suggested, busy, onLink }: WhoProps): ReactNode {
  const t = usePeopleText();
  return (
    <>
      {name}
      <div>{phone}</div>
      {name && account !== 'linked' ? <div><Tag tone="warn">{t(account === 'gone' ? 'contacts.accountGone' : 'contacts.accountNone')}</Tag></div> : null}
      {suggested ? <Confirmed size="small" type="link" disabled={busy} ask={t('contacts.linkAsk', { name, login: suggested.login })} verb={t('contacts.link')} onConfirm={() => onLink(suggested.id)}>{t('contacts.linkTo', { login: suggested.login })}</Confirmed> : null}
    </>
  );
}
