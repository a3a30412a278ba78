import { Button } from 'antd';
import { useEffect, useId, useState, type ReactElement } from 'react';

import type { components } from '../api/schema';
import { usePrivacyText } from '../i18n/privacy';
import { useLanguage } from '../i18n';
import { api } from '../shared/api/client';
import { Dialog } from '../shared/Dialog';
import { useSession } from '../shared/session';
import { dueDay, moment } from './dates';
import { ProblemNotice } from './problem';

export type Privacy = components['schemas']['PrivacyAnswer'];
type Disclosure = components['schemas']['DisclosureAnswer'];

/** As the server asks. */
const REASON_LEAST = 4;

interface UnmaskProps {
  caseNo: string;
  privacy: Privacy;
  onChanged: () => void;
}

/** Seconds until a moment of the server's clock, counted down here; 0 when it is over. */
function useLeft(until: string | null): number {
  const { session } = useSession();
  const now = session?.mode.now;
  const [ahead] = useState(() => (now ? Date.parse(now) - Date.now() : 0));
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!until) return undefined;
    const look = (): void => setLeft(Math.max(0, Math.ceil((Date.parse(until) - Date.now() - ahead) / 1000)));
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [until, ahead]);
  return until ? left : 0;
}

const clock = (seconds: number): string => `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;

/** Whether the page is masked, for how long not, and the way to ask; it masks again by itself. */
export function Unmask({ caseNo, privacy, onChanged }: UnmaskProps): ReactElement {
  const t = usePrivacyText();
  const [asking, setAsking] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const left = useLeft(privacy.shownUntil);
  const shown = privacy.shownUntil !== null;
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (left > 0) setSeen(true);
    if (!shown || !seen || left > 0) return;
    setSeen(false);
    onChanged();
  }, [shown, seen, left, onChanged]);
  const end = (): void => {
    setError(null);
    api.post(`/cases/${encodeURIComponent(caseNo)}/mask`).then(onChanged, setError);
  };
  const words = shown
    ? t(privacy.showsSensitive ? 'mask.offSensitive' : 'mask.off', { time: clock(left) })
    : t(privacy.mayAsk ? 'mask.on' : 'mask.notNow');
  const hidden = privacy.hasSensitive && !privacy.showsSensitive;
  return (
    <div className="lb-unmask" data-shown={shown}>
      {privacy.erasedAt ? <span>{t('mask.erased', { at: moment(privacy.erasedAt) })}</span> : (
        <>
          <span role={shown ? 'timer' : undefined} aria-live="off">{words}</span>
          {hidden && privacy.mayAsk ? <span>{t('mask.sensitive')}</span> : null}
          {waiting ? <span role="status">{t('mask.waiting')}</span> : null}
          {privacy.mayAsk && (!shown || hidden) ? <Button size="small" onClick={() => setAsking(true)}>{t(shown ? 'mask.more' : 'mask.ask')}</Button> : null}
          {shown ? <Button size="small" onClick={end}>{t('mask.end')}</Button> : null}
        </>
      )}
      {privacy.held ? (
        <span>
          {privacy.held.reason ? t('mask.heldWhy', { reason: privacy.held.reason, at: moment(privacy.held.heldAt), by: privacy.held.heldBy }) : t('mask.held', { at: moment(privacy.held.heldAt) })}
          {privacy.held.untilAt ? t('mask.heldUntil', { until: dueDay(privacy.held.untilAt) }) : null}
        </span>
      ) : null}
      {privacy.consents.map((consent) => (
        <span key={consent.givenAt} title={consent.text}>{t('mask.consent', { at: moment(consent.givenAt), n: consent.people })}</span>
      ))}
      {error ? <ProblemNotice error={error} /> : null}
      {asking ? (
        <AskDialog
          caseNo={caseNo} privacy={privacy} onClose={() => setAsking(false)}
          onDone={(answer) => { setAsking(false); setWaiting(answer.state === 'waiting'); onChanged(); }}
        />
      ) : null}
    </div>
  );
}

interface AskProps {
  caseNo: string;
  privacy: Privacy;
  onDone: (answer: Disclosure) => void;
  onClose: () => void;
}

function AskDialog({ caseNo, privacy, onDone, onClose }: AskProps): ReactElement {
  const t = usePrivacyText();
  const { locale } = useLanguage();
  const id = useId();
  const [purpose, setPurpose] = useState(privacy.purposes[0]?.code ?? '');
  const [reason, setReason] = useState('');
  const [orderNo, setOrderNo] = useState('');
  const [sensitive, setSensitive] = useState(privacy.shownUntil !== null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const short = reason.trim().length < REASON_LEAST;
  const send = (): void => {
    setTried(true);
    if (short || (privacy.needsOrder && orderNo.trim() === '')) return;
    setBusy(true);
    setError(null);
    api.post<Disclosure>(`/cases/${encodeURIComponent(caseNo)}/unmask`, { purpose, reason, sensitive, orderNo })
      .then(onDone, setError)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t('ask.title')} okText={t(privacy.needsSecond ? 'ask.sendSecond' : 'ask.send')} cancelText={t('cancel')} width={480}
      onOk={send} onCancel={onClose} confirmLoading={busy}
    >
      <p>{t('ask.text')}</p>
      <div className="lb-unmask-form">
        <label htmlFor={`${id}-purpose`}>{t('ask.purpose')}</label>
        <select id={`${id}-purpose`} className="lb-input" value={purpose} onChange={(event) => setPurpose(event.target.value)}>
          {privacy.purposes.map((each) => <option key={each.code} value={each.code}>{locale === 'zh' ? each.name : each.nameEn}</option>)}
        </select>
        <label htmlFor={`${id}-reason`}>{t('ask.reason')}</label>
        <input
          id={`${id}-reason`} className="lb-input" maxLength={200} required value={reason} aria-invalid={tried && short ? true : undefined} aria-describedby={`${id}-least`}
          onChange={(event) => setReason(event.target.value)}
        />
        <span id={`${id}-least`} className={tried && short ? 's-error' : 'lb-faint'}>{t('ask.reasonLeast', { n: REASON_LEAST })}</span>
        {privacy.needsOrder ? (
          <>
            <label htmlFor={`${id}-order`}>{t('ask.order')}</label>
            <input
              id={`${id}-order`} className="lb-input" maxLength={60} required value={orderNo} aria-invalid={tried && orderNo.trim() === '' ? true : undefined}
              onChange={(event) => setOrderNo(event.target.value)}
            />
          </>
        ) : null}
        {privacy.hasSensitive ? (
          <label><input type="checkbox" checked={sensitive} onChange={(event) => setSensitive(event.target.checked)} /> {t('ask.withSensitive')}</label>
        ) : null}
      </div>
      {error ? <ProblemNotice error={error} /> : null}
    </Dialog>
  );
}
