import { useId, useState, type ReactElement } from 'react';

import type { components } from '../api/schema';
import { useLanguage } from '../i18n';
import { useChannelText } from '../i18n/channels';
import { api } from '../shared/api/client';
import { Loading, Notice } from '../shared/states';
import { ProblemNotice } from './problem';
import { useResource } from './resource';
import { Tag } from './tags';

type Own = components['schemas']['OwnChannelAnswer'];
type All = components['schemas']['OwnChannels'];
type Category = components['schemas']['CategoryAnswer'];

interface ChannelProps {
  row: Own;
  categories: Category[];
  onChange: (said: string) => void;
}

/** A person's own addresses for notices: consent, code, what is wanted, and the way out. */
export function OwnChannels(): ReactElement {
  const t = useChannelText();
  const own = useResource<All>('/my/channels');
  const [said, setSaid] = useState('');
  const changed = (words: string): void => {
    setSaid(words);
    own.reload();
  };
  return (
    <div className="lb-channels">
      <h1>{t('own.title')}</h1>
      <p>{t('own.intro')}</p>
      <div role="status">{said ? <Notice tone="good">{said}</Notice> : null}</div>
      {own.error ? <ProblemNotice error={own.error} onRetry={own.reload} /> : null}
      {own.data ? own.data.items.map((row) => <Channel key={row.channel} row={row} categories={own.data?.categories ?? []} onChange={changed} />) : null}
      {!own.data && own.loading ? <Loading /> : null}
    </div>
  );
}

function Channel({ row, categories, onChange }: ChannelProps): ReactElement {
  const t = useChannelText();
  const { locale } = useLanguage();
  const id = useId();
  const [address, setAddress] = useState('');
  const [consent, setConsent] = useState(false);
  const [code, setCode] = useState('');
  const [wanted, setWanted] = useState<readonly string[]>(row.address ? row.categories : categories.map((each) => each.key));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const act = (work: () => Promise<unknown>, words: string): void => {
    setBusy(true);
    setError(null);
    work()
      .then(() => {
        setAddress('');
        setCode('');
        setConsent(false);
        onChange(words);
      }, setError)
      .finally(() => setBusy(false));
  };
  const place = `/my/channels/${row.channel}`;
  const mail = row.channel === 'email';
  const fresh = address.trim() !== '';
  const toggle = (key: string): void => setWanted(wanted.includes(key) ? wanted.filter((each) => each !== key) : [...wanted, key]);
  return (
    <section aria-labelledby={`${id}-head`} className="lb-channel">
      <h2 id={`${id}-head`}>{t(mail ? 'own.email' : 'own.sms')}</h2>
      <p className="lb-row">
        <span>{row.address || t('own.none')}</span>
        {row.address ? <Tag tone={row.isConfirmed ? 'good' : 'warn'}>{t(row.isConfirmed ? 'own.confirmed' : 'own.waiting')}</Tag> : null}
      </p>
      {!row.isOffered ? <p className="lb-soft">{t('own.notOffered')}</p> : null}
      {error ? <ProblemNotice error={error} /> : null}
      {row.address && !row.isConfirmed ? (
        <form className="lb-row" onSubmit={(event) => { event.preventDefault(); act(() => api.post(`${place}/confirmation`, { code }), t('own.done')); }}>
          <label htmlFor={`${id}-code`}>{t('own.code')}</label>
          <input id={`${id}-code`} className="lb-input" inputMode="numeric" autoComplete="one-time-code" maxLength={6} required value={code} onChange={(event) => setCode(event.target.value)} />
          <button type="submit" className="lb-button" disabled={busy}>{t('own.confirm')}</button>
        </form>
      ) : null}
      {row.isOffered ? (
        <form onSubmit={(event) => { event.preventDefault(); act(() => api.put(place, { address, categories: wanted, consent }), t(fresh ? 'own.sent' : 'own.saved')); }}>
          <p>
            <label htmlFor={`${id}-address`}>{t(mail ? 'own.emailAddress' : 'own.smsAddress')}</label>{' '}
            <input id={`${id}-address`} className="lb-input" type={mail ? 'email' : 'tel'} autoComplete={mail ? 'email' : 'tel'} maxLength={254} required={!row.address} value={address} onChange={(event) => setAddress(event.target.value)} />
          </p>
          <fieldset>
            <legend>{t('own.wanted')}</legend>
            {categories.map((each) => (
              <label key={each.key} className="lb-choice">
                <input type="checkbox" checked={wanted.includes(each.key)} onChange={() => toggle(each.key)} /> {locale === 'zh' ? each.name : each.nameEn}
              </label>
            ))}
          </fieldset>
          {fresh ? (
            <p>
              <label>
                <input type="checkbox" required checked={consent} onChange={(event) => setConsent(event.target.checked)} /> {t('own.consent')}
              </label>
            </p>
          ) : null}
          <p className="lb-row">
            <button type="submit" className="lb-button" disabled={busy || (!fresh && !row.address)}>{t(fresh ? 'own.register' : 'own.save')}</button>
            {row.address ? (
              <button type="button" className="lb-button" disabled={busy} onClick={() => act(() => api.delete(place), t('own.removed'))}>{t('own.remove')}</button>
            ) : null}
          </p>
        </form>
      ) : null}
    </section>
  );
}
