import { Button } from 'antd';
import { useId, useState, type ReactElement } from 'react';

import { ProblemNotice } from '../../case/problem';
import { api } from '../../shared/api/client';
import { useWindowWords, windowPath, type WindowCaseData } from './text';

interface SmsProps {
  served: WindowCaseData;
  onDone: (served: WindowCaseData) => void;
}

function Input({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }): ReactElement {
  const id = useId();
  return (
    <div className="s-filter">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="lb-input" inputMode="numeric" autoComplete="off" maxLength={20} value={value} onChange={(event) => onChange(event.target.value)} />
    </div>
  );
}

/** 短信通知: an applicant who cannot log in may still be told; the number is confirmed by a code that the applicant tells the clerk. */
export function Sms({ served, onDone }: SmsProps): ReactElement {
  const { t } = useWindowWords();
  const { sms } = served;
  const [mobile, setMobile] = useState('');
  const [consent, setConsent] = useState(false);
  const [code, setCode] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const path = `${windowPath(served.caseNo)}/sms`;
  const ask = (work: Promise<WindowCaseData>): void => {
    setBusy(true);
    setError(null);
    work.then((next) => { setCode(''); setTried(false); onDone(next); }, setError).finally(() => setBusy(false));
  };
  const missing = mobile.trim() === '' || !consent;
  const send = (): void => {
    setTried(true);
    if (!missing) ask(api.put<WindowCaseData>(path, { mobile: mobile.trim(), consent }).then((reply) => reply.data));
  };
  return (
    <section className="s-block">
      <h2>{t('sms')}</h2>
      {sms.isOffered ? <p className="lb-soft">{t('sms.lead')}</p> : <p className="lb-soft">{t('sms.none')}</p>}
      {sms.isOffered && sms.isConfirmed ? (
        <p className="lb-row"><span>{t('sms.on', { mobile: sms.address })}</span><Button size="small" disabled={!served.visit} loading={busy} onClick={() => ask(api.delete<WindowCaseData>(path))}>{t('sms.end')}</Button></p>
      ) : null}
      {sms.isOffered && !sms.isConfirmed && served.visit ? (
        <div className="s-window-check">
          <div className="s-filters"><Input label={t('sms.mobile')} value={mobile} onChange={setMobile} /></div>
          <label className="lb-row"><input type="checkbox" checked={consent} onChange={(event) => setConsent(event.target.checked)} /> {t('sms.consent')}</label>
          {tried && missing ? <p className="s-error" role="alert">{t('sms.missing')}</p> : null}
          <Button loading={busy} onClick={send}>{t('sms.send')}</Button>
          {sms.address ? (
            <>
              <p role="status">{t('sms.sent', { mobile: sms.address })}</p>
              <div className="s-filters"><Input label={t('sms.code')} value={code} onChange={setCode} /></div>
              <Button type="primary" disabled={code.trim() === ''} loading={busy} onClick={() => ask(api.post<WindowCaseData>(`${path}/confirmation`, { code: code.trim() }))}>{t('sms.confirm')}</Button>
            </>
          ) : null}
        </div>
      ) : null}
      {sms.isOffered && !sms.isConfirmed && !served.visit ? <p className="lb-faint">{t('identity.first')}</p> : null}
      {error ? <ProblemNotice error={error} /> : null}
    </section>
  );
}
