import { type ReactElement, useState } from 'react';

import type { components } from '../api/schema';
import { useLanguage } from '../i18n';
import { useAccountText } from '../i18n/account';
import { api } from '../shared/api/client';
import { useSession, type Session } from '../shared/session';
import { Ask } from '../shared/session/Ask';
import { Enrolment, RecoveryCodes } from '../shared/session/Enrolment';
import { Loading, Notice } from '../shared/states';
import { moment } from './dates';
import { deviceOf, methodKey } from './device';
import { bracketed } from './language';
import { ProblemNotice } from './problem';
import { useResource } from './resource';

type Account = components['schemas']['AccountAnswer'];
type Line = components['schemas']['SessionLine'];
type Said = (words: string) => void;

/** A person's own account: password, second factor, where one is logged in. */
export function AccountPage(): ReactElement {
  const t = useAccountText();
  const account = useResource<Account>('/account');
  const [said, setSaid] = useState('');
  const changed: Said = (words) => {
    setSaid(words);
    account.reload();
  };
  return (
    <div className="lb-account">
      <h1>{t('title')}</h1>
      <div role="status">{said ? <Notice tone="good">{said}</Notice> : null}</div>
      {account.error ? <ProblemNotice error={account.error} onRetry={account.reload} /> : null}
      {account.data ? (
        <>
          {account.data.hasPassword ? <Password account={account.data} onSaid={changed} /> : null}
          <Factor account={account.data} onSaid={changed} />
          <Sessions onSaid={changed} />
        </>
      ) : account.error ? null : <Loading />}
    </div>
  );
}

function Password({ account, onSaid }: { account: Account; onSaid: Said }): ReactElement {
  const t = useAccountText();
  const { take } = useSession();
  return (
    <section aria-label={t('password.title')}>
      <h2>{t('password.title')}</h2>
      {account.passwordChangedAt ? <p className="lb-soft">{t('password.since', { at: moment(account.passwordChangedAt) })}</p> : null}
      <p>{t('password.rule', { count: account.passwordLength, last: account.passwordHistory })}</p>
      <Ask
        fields={[
          { name: 'old', label: t('password.old'), autoComplete: 'current-password', secret: true },
          { name: 'password', label: t('password.new'), autoComplete: 'new-password', secret: true },
        ]}
        submit={t('password.change')}
        onSubmit={async (given) => {
          take(await api.post<Session>('/account/password', given));
          onSaid(t('password.done'));
        }}
      />
    </section>
  );
}

function Factor({ account, onSaid }: { account: Account; onSaid: Said }): ReactElement {
  const t = useAccountText();
  const { refresh } = useSession();
  const [codes, setCodes] = useState<string[]>();
  const [error, setError] = useState<unknown>(null);
  const { enrolledAt, codesLeft, required } = account.secondFactor;
  const done = (words: string): void => {
    setCodes(undefined);
    setError(null);
    void refresh();
    onSaid(words);
  };
  return (
    <section aria-label={t('factor.title')}>
      <h2>{t('factor.title')}</h2>
      {error ? <ProblemNotice error={error} /> : null}
      {codes ? <RecoveryCodes codes={codes} onKept={() => done('')} /> : null}
      {!codes && !enrolledAt ? <Enrolment onDone={() => done('')} /> : null}
      {!codes && enrolledAt ? (
        <>
          <p>{t('factor.on', { at: moment(enrolledAt), count: codesLeft })}</p>
          <div className="lb-row">
            <button type="button" className="lb-button" onClick={() => void api.post<{ codes: string[] }>('/account/second-factor/codes').then((answer) => setCodes(answer.codes), setError)}>
              {t('factor.renew')}
            </button>
            {required ? null : (
              <button type="button" className="lb-button" onClick={() => void api.post('/account/second-factor/remove').then(() => done(t('factor.removed')), setError)}>
                {t('factor.remove')}
              </button>
            )}
          </div>
        </>
      ) : null}
    </section>
  );
}

function Sessions({ onSaid }: { onSaid: Said }): ReactElement {
  const t = useAccountText();
  const { locale } = useLanguage();
  const lines = useResource<{ items: Line[] }>('/account/sessions');
  const [error, setError] = useState<unknown>(null);
  const act = (work: Promise<{ count?: number } | undefined>): void => {
    setError(null);
    work.then((answer) => {
      lines.reload();
      onSaid(t('sessions.ended', { count: answer?.count ?? 1 }));
    }, setError);
  };
  const named = (line: Line): string => deviceOf(line.device) || t('sessions.unknown');
  return (
    <section aria-label={t('sessions.title')}>
      <h2>{t('sessions.title')}</h2>
      {error ? <ProblemNotice error={error} /> : null}
      {lines.error ? <ProblemNotice error={lines.error} onRetry={lines.reload} /> : null}
      {!lines.data && lines.loading ? <Loading rows={2} /> : null}
      <div className="lb-scroll" tabIndex={0} role="region" aria-label={t('sessions.list')}>
        <table className="lb-table lb-stack">
          <thead>
            <tr>
              <th scope="col">{t('sessions.device')}</th>
              <th scope="col">{t('sessions.address')}</th>
              <th scope="col">{t('sessions.method')}</th>
              <th scope="col">{t('sessions.seen')}</th>
              <th scope="col">{t('sessions.action')}</th>
            </tr>
          </thead>
          <tbody>
            {(lines.data?.items ?? []).map((line) => (
              <tr key={line.number}>
                <td data-label={t('sessions.device')}>{named(line)}{line.current ? bracketed(locale, t('sessions.this')) : ''}</td>
                <td data-label={t('sessions.address')}>{line.address}</td>
                <td data-label={t('sessions.method')}>{line.methods.map((method) => t(methodKey(method))).join(' · ')}</td>
                <td data-label={t('sessions.seen')}>{moment(line.lastSeenAt)}</td>
                <td data-label={t('sessions.action')}>
                  {line.current ? null : (
                    <button type="button" className="lb-button" aria-label={t('sessions.endNamed', { device: named(line) })} onClick={() => act(api.post(`/account/sessions/${line.number}/end`))}>
                      {t('sessions.end')}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {lines.data?.items.some((line) => !line.current) ? (
        <button type="button" className="lb-button" onClick={() => act(api.post('/account/sessions/end-others'))}>{t('sessions.others')}</button>
      ) : null}
    </section>
  );
}
