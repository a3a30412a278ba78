import { useId, useState, type ReactElement } from 'react';

import type { components } from '../../api/schema';
import { longDay, moment } from '../../case/dates';
import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import type { Page } from '../../case/types';
import { useLanguage } from '../../i18n';
import { usePrivacyText } from '../../i18n/privacy';
import { api } from '../../shared/api/client';
import { Loading, Notice } from '../../shared/states';

type Look = components['schemas']['LookAnswer'];
type Fate = components['schemas']['FateAnswer'];
type Deleted = components['schemas']['DeletedAnswer'];

/** What a person may do about the own data: see who looked, take a copy, delete. */
export function PrivacyCentre(): ReactElement {
  const t = usePrivacyText();
  return (
    <div className="lb-privacy">
      <h1>{t('centre.title')}</h1>
      <p>{t('centre.intro')}</p>
      <Looks />
      <Copy />
      <Keeping />
    </div>
  );
}

function Looks(): ReactElement {
  const t = usePrivacyText();
  const { locale } = useLanguage();
  const looks = useResource<Page<Look>>('/my/looks');
  const rows = looks.data?.items ?? [];
  return (
    <section aria-labelledby="looks">
      <h2 id="looks">{t('looks.title')}</h2>
      {looks.error ? <ProblemNotice error={looks.error} onRetry={looks.reload} /> : null}
      {!looks.data && looks.loading ? <Loading /> : null}
      {looks.data && rows.length === 0 ? <p>{t('looks.none')}</p> : null}
      {rows.length > 0 ? (
        <table className="lb-table lb-stack">
          <thead>
            <tr>{(['at', 'site', 'what', 'purpose', 'case'] as const).map((name) => <th key={name} scope="col">{t(`looks.${name}`)}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                <td data-label={t('looks.at')}>{moment(row.at)}</td>
                <td data-label={t('looks.site')}>{row.siteName || t('looks.platform')}{row.by ? ` ${row.by}` : ''}</td>
                <td data-label={t('looks.what')}>{locale === 'zh' ? row.what : row.whatEn}</td>
                <td data-label={t('looks.purpose')}>{[locale === 'zh' ? row.purpose : row.purposeEn, row.reason].filter(Boolean).join(locale === 'zh' ? '：' : ': ')}</td>
                <td data-label={t('looks.case')}>{pickText(locale, row.itemName, row.itemNameEn)} <span className="lb-faint">{row.caseNo}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}

function save(content: Blob): void {
  const place = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = place;
  link.download = 'my-data.zip';
  link.click();
  URL.revokeObjectURL(place);
}

function Copy(): ReactElement {
  const t = usePrivacyText();
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = (): void => {
    setBusy(true);
    setError(null);
    api.post<Blob>('/my/copy')
      .then((content) => { save(content); setDone(true); }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <section aria-labelledby={`${id}-head`}>
      <h2 id={`${id}-head`}>{t('copy.title')}</h2>
      <p>{t('copy.text')}</p>
      <button type="button" className="lb-button" disabled={busy} onClick={send}>{t('copy.send')}</button>
      {done ? <Notice tone="good">{t('copy.done')}</Notice> : null}
      {error ? <ProblemNotice error={error} /> : null}
    </section>
  );
}

function Keeping(): ReactElement {
  const t = usePrivacyText();
  const { locale } = useLanguage();
  const id = useId();
  const fates = useResource<Page<Fate>>('/my/kept');
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<Deleted | null>(null);
  const [error, setError] = useState<unknown>(null);
  const send = (): void => {
    setBusy(true);
    setError(null);
    api.post<Deleted>('/my/erasure')
      .then((answer) => { setDone(answer); setSure(false); }, setError)
      .finally(() => setBusy(false));
  };
  const rows = fates.data?.items ?? [];
  return (
    <>
      <section aria-labelledby={`${id}-kept`}>
        <h2 id={`${id}-kept`}>{t('kept.title')}</h2>
        {fates.error ? <ProblemNotice error={fates.error} onRetry={fates.reload} /> : null}
        {fates.data && rows.length === 0 ? <p>{t('kept.none')}</p> : null}
        <ul>
          {rows.map((row) => (
            <li key={row.caseNo}>
              {pickText(locale, row.itemName, row.itemNameEn)} <span className="lb-faint">{row.caseNo}</span><br />
              {t(`kept.${row.why as 'open'}`, { until: row.until ? longDay(row.until, locale) : '', source: row.source })}
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby={`${id}-erase`}>
        <h2 id={`${id}-erase`}>{t('erase.title')}</h2>
        <p>{t('erase.text')}</p>
        <form onSubmit={(event) => { event.preventDefault(); send(); }}>
          <label><input type="checkbox" required checked={sure} onChange={(event) => setSure(event.target.checked)} /> {t('erase.sure')}</label>
          <button type="submit" className="lb-button" disabled={busy}>{t('erase.send')}</button>
        </form>
        {done ? <Notice tone="good">{done.accountClosed ? t('erase.closed') : t('erase.done', { drafts: done.drafts, channels: done.channels, cases: done.cases.length })}</Notice> : null}
        {error ? <ProblemNotice error={error} /> : null}
      </section>
    </>
  );
}
