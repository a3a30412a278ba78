import { type ReactElement, type SyntheticEvent, useId, useState } from 'react';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { listText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { useAccountText } from '../../i18n/account';
import { useLanguage } from '../../i18n';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { EmptyState, Loading, Notice } from '../../shared/states';

type Row = components['schemas']['DelegationAnswer'];
type Choices = components['schemas']['Choices'];

/** 委托代理: what I delegated, what was delegated to me, and a new one. */
export function Delegations(): ReactElement {
  const t = useAccountText();
  const { refresh } = useSession();
  const list = useResource<{ items: Row[] }>('/delegations');
  const [said, setSaid] = useState('');
  const changed = (words: string): void => {
    setSaid(words);
    list.reload();
    void refresh();
  };
  return (
    <div className="lb-account">
      <h1>{t('delegation.title')}</h1>
      <p>{t('delegation.intro')}</p>
      <div role="status">{said ? <Notice tone="good">{said}</Notice> : null}</div>
      {list.error ? <ProblemNotice error={list.error} onRetry={list.reload} /> : null}
      {!list.data && list.loading ? <Loading rows={3} /> : null}
      {list.data && list.data.items.length === 0 ? <EmptyState text={t('delegation.none')} /> : null}
      {list.data && list.data.items.length > 0 ? <Table rows={list.data.items} onDone={() => changed(t('delegation.done'))} /> : null}
      <NewDelegation onDone={changed} />
    </div>
  );
}

function Table({ rows, onDone }: { rows: Row[]; onDone: () => void }): ReactElement {
  const t = useAccountText();
  const { locale } = useLanguage();
  const [error, setError] = useState<unknown>(null);
  const act = (row: Row, what: string): void => {
    setError(null);
    api.post(`/delegations/${String(row.id)}/${what}`).then(onDone, setError);
  };
  return (
    <>
      {error ? <ProblemNotice error={error} /> : null}
      <div className="lb-scroll" tabIndex={0} role="region" aria-label={t('delegation.title')}>
        <table className="lb-table lb-stack">
          <thead>
            <tr>
              <th scope="col">{t('delegation.people')}</th>
              <th scope="col">{t('delegation.role')}</th>
              <th scope="col">{t('delegation.items')}</th>
              <th scope="col">{t('delegation.from')}</th>
              <th scope="col">{t('delegation.untilShort')}</th>
              <th scope="col">{t('delegation.standing')}</th>
              <th scope="col">{t('sessions.action')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td data-label={t('delegation.people')}>{t('delegation.pair', { delegate: row.delegateName, delegator: row.delegatorName })}</td>
                <td data-label={t('delegation.role')}>{locale === 'en' ? row.roleNameEn : row.roleName}</td>
                <td data-label={t('delegation.items')}>{row.items ? listText(locale, locale === 'en' ? row.itemNamesEn : row.itemNames) : t('delegation.all')}</td>
                <td data-label={t('delegation.from')}>{moment(row.startsAt)}</td>
                <td data-label={t('delegation.untilShort')}>{moment(row.endsAt)}</td>
                <td data-label={t('delegation.standing')}>{t(`standing.${row.standing}`)}</td>
                <td data-label={t('sessions.action')} className="lb-row">
                  {row.standing === 'asked' && row.mine === 'delegate' ? (
                    <>
                      <button type="button" className="lb-button" data-kind="primary" onClick={() => act(row, 'accept')}>{t('delegation.accept')}</button>
                      <button type="button" className="lb-button" onClick={() => act(row, 'decline')}>{t('delegation.decline')}</button>
                    </>
                  ) : null}
                  {['active', 'coming'].includes(row.standing) || (row.standing === 'asked' && row.mine === 'delegator') ? (
                    <button type="button" className="lb-button" onClick={() => act(row, 'end')}>{t('delegation.end')}</button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function NewDelegation({ onDone }: { onDone: (said: string) => void }): ReactElement | null {
  const t = useAccountText();
  const id = useId();
  const { session } = useSession();
  const { locale } = useLanguage();
  const may = session?.user?.roles.some((held) => ['HANDLER', 'APPROVER'].includes(held.role)) ?? false;
  const choices = useResource<Choices>(may ? '/delegations/choices' : null);
  const [role, setRole] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  if (!may) return <p className="lb-soft">{t('delegation.mayNot')}</p>;
  if (!choices.data) return choices.error ? <ProblemNotice error={choices.error} onRetry={choices.reload} /> : <Loading rows={3} />;
  const { roles, colleagues, items, longestDays } = choices.data;
  const chosen = roles.find((each) => keyOf(each) === role) ?? roles[0];
  const people = colleagues.filter((each) => chosen && each.siteId === chosen.siteId && each.id !== session?.user?.id && !each.roles.includes(chosen.role));
  const send = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const named = data.getAll('items').filter((each) => typeof each === 'string');
    setBusy(true);
    setError(null);
    api
      .post<Row>('/delegations', {
        delegateId: Number(data.get('delegate')),
        siteId: chosen?.siteId,
        role: chosen?.role,
        items: named.length > 0 ? named : null,
        startsAt: moment8(data.get('from')),
        endsAt: moment8(data.get('until')),
        reason: data.get('reason'),
      })
      .then((row) => {
        form.reset();
        onDone(t(row.standing === 'asked' ? 'delegation.sent' : 'delegation.set'));
      }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <section className="lb-login lb-delegation" aria-labelledby={id}>
      <h2 id={id}>{t('delegation.new')}</h2>
      {error ? <ProblemNotice error={error} /> : null}
      <form onSubmit={send}>
        <label>
          {t('delegation.role')}
          <select className="lb-input" value={chosen ? keyOf(chosen) : ''} onChange={(event) => setRole(event.target.value)}>
            {roles.map((each) => <option key={keyOf(each)} value={keyOf(each)}>{locale === 'en' ? each.roleNameEn : each.roleName}</option>)}
          </select>
        </label>
        <label>
          {t('delegation.to')}
          <select className="lb-input" name="delegate" required defaultValue="">
            <option value="" disabled>{t('delegation.choose')}</option>
            {people.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
          </select>
        </label>
        <label>
          {t('delegation.items')}
          <select className="lb-input" name="items" multiple size={4}>
            {items.map((each) => <option key={each.code} value={each.code}>{locale === 'en' ? each.nameEn : each.name}</option>)}
          </select>
          <small>{t('delegation.itemsHint')}</small>
        </label>
        <label>{t('delegation.from')}<input className="lb-input" type="datetime-local" name="from" required /></label>
        <label>{t('delegation.until', { days: longestDays })}<input className="lb-input" type="datetime-local" name="until" required /></label>
        <label>{t('delegation.reason')}<input className="lb-input" name="reason" required maxLength={200} /></label>
        <button type="submit" className="lb-button" data-kind="primary" disabled={busy}>{busy ? t('saving') : t('delegation.send')}</button>
      </form>
    </section>
  );
}

function keyOf(role: { siteId: number; role: string }): string {
  return `${String(role.siteId)}/${role.role}`;
}

/** A moment typed in China's civil time. */
function moment8(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? `${value}:00+08:00` : '';
}
