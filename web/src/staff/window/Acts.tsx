import { Button } from 'antd';
import { useId, useState, type ReactElement } from 'react';

import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { api, uploadFile, type StoredFile } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { Notice } from '../../shared/states';
import { useWindowWords, windowPath, type WindowCaseData } from './text';

interface ActProps {
  served: WindowCaseData;
  onDone: (served: WindowCaseData) => void;
}

interface DialogProps extends ActProps {
  onClose: () => void;
}

function Words({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }): ReactElement {
  const id = useId();
  return (
    <div className="s-filter">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} className="lb-input" rows={3} maxLength={400} value={value} onChange={(event) => onChange(event.target.value)} />
    </div>
  );
}

function UrgeFor({ served, onDone, onClose }: DialogProps): ReactElement {
  const { t } = useWindowWords();
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = (): void => {
    setBusy(true);
    setError(null);
    api.post<WindowCaseData>(`${windowPath(served.caseNo)}/urge`, { note: note.trim() }).then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <Dialog title={t(served.urgeKind === 'INQUIRE' ? 'inquire' : 'urge')} okText={t(served.urgeKind === 'INQUIRE' ? 'inquire.do' : 'urge.do')} cancelText={t('cancel')} onOk={send} onCancel={onClose} confirmLoading={busy}>
      <div className="s-stack">
        <Words label={t('urge.note')} value={note} onChange={setNote} />
        {error ? <ProblemNotice error={error} /> : null}
      </div>
    </Dialog>
  );
}

function Scan({ file, onFile }: { file: StoredFile | null; onFile: (file: StoredFile) => void }): ReactElement {
  const { t } = useWindowWords();
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const upload = (chosen: File): void => {
    setBusy(true);
    setError(null);
    uploadFile(chosen).then(onFile, setError).finally(() => setBusy(false));
  };
  return (
    <div className="s-filter">
      <label htmlFor={id}>{t('withdraw.scan')}</label>
      <input
        id={id} type="file" accept=".pdf,.jpg,.jpeg,.png" disabled={busy}
        onChange={(event) => { const chosen = event.target.files?.[0]; if (chosen) upload(chosen); }}
      />
      <span role="status" className="lb-faint">{file ? t('withdraw.scanned', { name: file.name }) : ''}</span>
      {error ? <ProblemNotice error={error} /> : null}
    </div>
  );
}

function WithdrawFor({ served, onDone, onClose }: DialogProps): ReactElement {
  const { t } = useWindowWords();
  const [reason, setReason] = useState('');
  const [file, setFile] = useState<StoredFile | null>(null);
  const [kept, setKept] = useState(false);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const missing = reason.trim() === '' || (!file && !kept);
  const send = (): void => {
    setTried(true);
    if (missing) return;
    setBusy(true);
    setError(null);
    api.post<WindowCaseData>(`${windowPath(served.caseNo)}/withdraw`, { reason: reason.trim(), fileId: file?.id ?? null, isKept: kept })
      .then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t('withdraw')} okText={t('withdraw.do')} cancelText={t('keep')} onOk={send} onCancel={onClose} confirmLoading={busy} okButtonProps={{ danger: true }}
    >
      <div className="s-stack">
        <Notice tone="warn"><p>{t('withdraw.warn')}</p></Notice>
        <Words label={t('withdraw.reason')} value={reason} onChange={setReason} />
        <fieldset className="s-window-signature">
          <legend>{t('withdraw.signature')}</legend>
          <Scan file={file} onFile={setFile} />
          <label className="lb-row"><input type="checkbox" checked={kept} onChange={(event) => setKept(event.target.checked)} /> {t('withdraw.kept')}</label>
        </fieldset>
        {tried && missing ? <p className="s-error" role="alert">{t('withdraw.missing')}</p> : null}
        {error ? <ProblemNotice error={error} /> : null}
      </div>
    </Dialog>
  );
}

/** 催办、撤件 for the applicant, each with its rule beside it. */
export function Acts({ served, onDone }: ActProps): ReactElement {
  const { t, pick } = useWindowWords();
  const [open, setOpen] = useState<'urge' | 'withdraw' | null>(null);
  const [told, setTold] = useState('');
  const checked = served.visit !== null;
  const asks = served.urgeKind === 'INQUIRE';
  const finish = (text: string) => (next: WindowCaseData): void => { setOpen(null); setTold(text); onDone(next); };
  return (
    <section className="s-block">
      <h2>{t('acts')}</h2>
      {told ? <Notice tone="good"><p>{told}</p></Notice> : null}
      {checked || served.closedAt ? null : <p className="lb-faint">{t('identity.first')}</p>}
      <div className="s-window-acts">
        <p><Button disabled={!checked || !served.mayUrge} onClick={() => setOpen('urge')}>{t(asks ? 'inquire' : 'urge')}</Button> <span className="lb-faint">{served.urgeNote}</span></p>
        <p><Button danger disabled={!checked || !served.mayWithdraw} onClick={() => setOpen('withdraw')}>{t('withdraw')}</Button> <span className="lb-faint">{served.withdrawNote}</span></p>
      </div>
      {served.asked.length === 0 ? null : (
        <ul>
          {served.asked.map((each) => (
            <li key={each.number}>{pick(each.kindName, each.kindNameEn)} <time dateTime={each.raisedAt}>{moment(each.raisedAt)}</time> · {each.siteName}{each.note ? ` · ${each.note}` : ''} — {each.answer ?? t('asked.waits')}</li>
          ))}
        </ul>
      )}
      {open === 'urge' ? <UrgeFor served={served} onDone={finish(t(asks ? 'inquire.done' : 'urge.done'))} onClose={() => setOpen(null)} /> : null}
      {open === 'withdraw' ? <WithdrawFor served={served} onDone={finish(t('withdraw.done'))} onClose={() => setOpen(null)} /> : null}
    </section>
  );
}
