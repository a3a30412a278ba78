import { useId, useRef, useState, type SubmitEvent, type ReactElement, type ReactNode } from 'react';
import { Link } from 'react-router';

import type { components } from '../api/schema';
import { api } from '../shared/api/client';
import { dueDay, moment } from './dates';
import { useCaseText, type CaseTextKey } from './language';
import { ProblemNotice } from './problem';
import { useResource } from './resource';
import { Tag, type TagTone } from './tags';
import { WhyThisDay } from './WhyThisDay';

type Schemas = components['schemas'];
type Change = Schemas['ClockChangeAnswer'];
type ClockLine = Schemas['ClockLineAnswer'];
type Procedure = Schemas['ProcedureAnswer'];
type Kind = Schemas['KindAnswer'];
type CaseTimeView = Schemas['CaseTimeAnswer'];
type Send = (path: string, body: object) => Promise<boolean>;

const TONE: Record<string, TagTone> = { RUNNING: 'info', STOPPED: 'warn', DONE: 'good', OVERDUE: 'bad', ASKED: 'info', REFUSED: 'mute' };

function useWords(): { t: ReturnType<typeof useCaseText>['t']; word: (key: string, fallback: string) => string; pick: (zh: string, en: string) => string } {
  const { t, has, locale } = useCaseText();
  return {
    t,
    word: (key, fallback) => (has(key) ? t(key as CaseTextKey) : fallback),
    pick: (zh, en) => (locale === 'en' ? en || zh : zh),
  };
}

function ChangeLine({ change, documentOf }: { change: Change; documentOf: ((id: number) => string) | undefined }): ReactElement {
  const { t, word, pick } = useWords();
  const reason = pick(change.reasonName, change.reasonNameEn);
  const moved = change.dueBefore && change.dueAfter && change.dueBefore !== change.dueAfter
    ? t('clock.moved', { before: dueDay(change.dueBefore), after: dueDay(change.dueAfter) })
    : change.dueAfter && !change.dueBefore ? t('clock.becomes', { after: dueDay(change.dueAfter) }) : '';
  return (
    <li>
      <time dateTime={change.at}>{moment(change.at)}</time>{' '}
      <strong>{word(`clock.action.${change.action}`, change.action)}</strong>
      {[reason, change.note, moved, change.actorName].filter(Boolean).map((text) => ` · ${text}`).join('')}
      {change.legalGround ? <span className="lb-faint"> {change.legalGround}</span> : null}
      {change.documentId !== null && documentOf ? <> <Link to={documentOf(change.documentId)}>{t('time.document', { title: change.documentTitle ?? '' })}</Link></> : null}
    </li>
  );
}

function Bar({ clock }: { clock: ClockLine }): ReactElement {
  const left = Math.max(clock.remainingDays, 0);
  const whole = Math.max(clock.usedDays + clock.pausedDays + left, 1);
  const [used, paused] = [(100 * clock.usedDays) / whole, (100 * clock.pausedDays) / whole];
  return (
    <svg className="lb-clock-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="4" className="lb-clock-rest" />
      <rect width={used} height="4" className={`lb-clock-used lb-clock-${clock.state.toLowerCase()}`} />
      <rect x={used} width={paused} height="4" className="lb-clock-paused" />
    </svg>
  );
}

function Clock({ clock, caseNo, documentOf }: { clock: ClockLine; caseNo: string; documentOf: ((id: number) => string) | undefined }): ReactElement {
  const { t, word, pick } = useWords();
  const title = clock.name || pick(clock.kindName, clock.kindNameEn);
  const asks = clock.kind !== 'INTERNAL'
    ? { clock: clock.kind }
    : clock.taskId !== null ? { task: clock.taskId } : clock.legId !== null ? { leg: clock.legId } : {};
  return (
    <section className="lb-clock" aria-label={`${title} ${clock.siteName}`}>
      <p className="lb-clock-head">
        <strong>{title}</strong>
        <Tag tone={TONE[clock.state] ?? 'mute'}>{word(`clock.state.${clock.state}`, clock.state)}</Tag>
        {clock.dueAt ? <span>{t('clock.due')} <time dateTime={clock.dueAt}>{dueDay(clock.dueAt)}</time></span> : null}
      </p>
      <Bar clock={clock} />
      <p className="lb-faint">{clock.siteName} · {t('time.days', { used: clock.usedDays, paused: clock.pausedDays, left: Math.max(clock.remainingDays, 0), total: clock.totalDays })}</p>
      {clock.stopReasonNames.length > 0 ? (
        <p>{t('time.stoppedFor', { reason: pick(clock.stopReasonNames.join('、'), clock.stopReasonNamesEn.join(', ')) })}{clock.resumeExpectedAt ? t('time.expected', { date: dueDay(clock.resumeExpectedAt) }) : ''}</p>
      ) : null}
      {clock.provisional ? <p>{t('clock.provisional')}</p> : null}
      {clock.dueAt && clock.state !== 'DONE' ? <WhyThisDay caseNo={caseNo} {...asks} /> : null}
      {clock.changes.length > 0 ? (
        <details>
          <summary>{t('time.changes', { n: clock.changes.length })}</summary>
          {clock.source ? <p>{t('clock.source', { source: clock.source })}</p> : null}
          <ol>{clock.changes.map((change) => <ChangeLine key={`${change.at}-${change.action}-${change.reason}`} change={change} documentOf={documentOf} />)}</ol>
        </details>
      ) : null}
    </section>
  );
}

function TextForm({ label, hint, buttons, onSend }: { label: string; hint: string; buttons: { name: string; value: string; kind?: string }[]; onSend: (value: string, text: string) => Promise<unknown> }): ReactElement {
  const id = useId();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const send = (value: string): void => {
    setBusy(true);
    void onSend(value, text.trim()).finally(() => setBusy(false));
  };
  return (
    <div className="lb-answer">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} className="lb-input" rows={2} maxLength={400} value={text} aria-describedby={`${id}-hint`} onChange={(event) => setText(event.target.value)} />
      <span id={`${id}-hint`} className="lb-faint">{hint}</span>
      <div className="lb-row">
        {buttons.map((button) => (
          <button key={button.value} type="button" className="lb-button" data-kind={button.kind} disabled={busy || text.trim() === ''} onClick={() => send(button.value)}>{button.name}</button>
        ))}
      </div>
    </div>
  );
}

function ProcedureItem({ row, send }: { row: Procedure; send: Send | undefined }): ReactElement {
  const { t, word, pick } = useWords();
  const lines = [
    t('time.asked', { name: row.askedName, at: moment(row.askedAt), days: row.days }),
    row.decidedAt ? t('time.decided', { name: row.decidedName, at: moment(row.decidedAt), opinion: row.opinion }) : '',
    row.state === 'RUNNING' && row.expectedEndAt ? t('time.expected', { date: dueDay(row.expectedEndAt) }) : '',
    row.endedAt && row.conclusion ? t('time.ended', { name: row.endedName, at: moment(row.endedAt), conclusion: row.conclusion }) : '',
  ].filter(Boolean);
  return (
    <li>
      <p className="lb-clock-head"><strong>{pick(row.kindName, row.kindNameEn)}</strong><Tag tone={TONE[row.state] ?? 'good'}>{word(`time.state.${row.state}`, row.state)}</Tag><span className="lb-faint">{row.legalGround}</span></p>
      <p>{row.reason}{row.applicantDoes ? ` · ${t('time.applicantDoes', { text: row.applicantDoes })}` : ''}</p>
      {lines.map((line) => <p key={line} className="lb-faint">{line}</p>)}
      {send && row.mayDecide ? (
        <TextForm
          label={t('time.opinion')} hint={t('time.decideHint')} buttons={[{ name: t('time.approve'), value: 'yes', kind: 'primary' }, { name: t('time.refuse'), value: 'no' }]}
          onSend={(value, opinion) => send(`/procedures/${String(row.id)}/decide`, { approve: value === 'yes', opinion })}
        />
      ) : null}
      {send && row.mayEnd ? (
        <TextForm
          label={t('time.conclusion')} hint={t('time.endHint')} buttons={[{ name: t('time.end'), value: 'end', kind: 'primary' }]}
          onSend={(_, conclusion) => send(`/procedures/${String(row.id)}/end`, { conclusion })}
        />
      ) : null}
    </li>
  );
}

function Field({ id, label, children }: { id: string; label: string; children: ReactNode }): ReactElement {
  return <p className="lb-time-field"><label htmlFor={id}>{label}</label>{children}</p>;
}

/** The dialog that asks a leader for a special procedure or an extension. */
function AskDialog({ kinds, onSend }: { kinds: Kind[]; onSend: (body: object) => Promise<boolean> }): ReactElement {
  const { t, pick } = useWords();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [kind, setKind] = useState('');
  const [busy, setBusy] = useState(false);
  const chosen = kinds.find((each) => each.kind === kind) ?? kinds[0];
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string): string => { const value = form.get(name); return typeof value === 'string' ? value.trim() : ''; };
    if (!chosen || read('reason') === '') return;
    setBusy(true);
    const body = { kind: chosen.kind, reason: read('reason'), days: chosen.days === null ? Number(read('days')) : null, applicantDoes: read('does') };
    void onSend(body).then((done) => { if (done) dialog.current?.close(); }).finally(() => setBusy(false));
  };
  return (
    <>
      <button type="button" className="lb-button" aria-haspopup="dialog" onClick={() => dialog.current?.showModal()}>{t('time.ask')}</button>
      <dialog ref={dialog} className="lb-time-dialog" aria-labelledby={`${id}-title`}>
        <form onSubmit={submit}>
          <h2 id={`${id}-title`}>{t('time.ask')}</h2>
          <Field id={`${id}-kind`} label={t('time.kind')}>
            <select id={`${id}-kind`} className="lb-input" value={chosen?.kind ?? ''} onChange={(event) => setKind(event.target.value)}>
              {kinds.map((each) => <option key={each.kind} value={each.kind}>{pick(each.name, each.nameEn)}</option>)}
            </select>
          </Field>
          <p className="lb-faint">{chosen?.legalGround}</p>
          <Field id={`${id}-reason`} label={t('time.reason')}><textarea id={`${id}-reason`} name="reason" className="lb-input" rows={3} maxLength={400} required /></Field>
          {chosen?.days === null ? (
            <>
              <Field id={`${id}-days`} label={t('time.howLong')}><input id={`${id}-days`} name="days" type="number" min={1} max={366} className="lb-input" required /></Field>
              <Field id={`${id}-does`} label={t('time.does')}><textarea id={`${id}-does`} name="does" className="lb-input" rows={2} maxLength={400} /></Field>
            </>
          ) : <p>{t('time.extensionDays', { days: chosen?.days ?? 0 })}</p>}
          <p className="lb-faint">{t('time.askHint')}</p>
          <div className="lb-row">
            <button type="submit" className="lb-button" data-kind="primary" disabled={busy}>{t('time.askSend')}</button>
            <button type="button" className="lb-button" onClick={() => dialog.current?.close()}>{t('cancel')}</button>
          </div>
        </form>
      </dialog>
    </>
  );
}

function Parts({ view }: { view: CaseTimeView }): ReactElement {
  const { t, word } = useWords();
  const told = (seconds: number): string => {
    const hours = Math.floor(seconds / 3600);
    return hours >= 24 ? t('time.daysHours', { days: Math.floor(hours / 24), hours: hours % 24 }) : t('time.hoursMinutes', { hours, minutes: Math.floor((seconds % 3600) / 60) });
  };
  return (
    <table className="lb-table">
      <caption className="lb-faint">{t('time.partsHint')}</caption>
      <thead><tr><th scope="col">{t('time.part')}</th><th scope="col">{t('time.site')}</th><th scope="col">{t('time.spent')}</th></tr></thead>
      <tbody>
        {view.parts.map((part) => (
          <tr key={`${part.kind}-${part.siteName}`}><td>{word(`time.part.${part.kind}`, part.kind)}</td><td>{part.siteName}</td><td>{told(part.seconds)}</td></tr>
        ))}
        <tr><th scope="row">{t('time.total')}</th><td /><td><strong>{told(view.totalSeconds)}</strong></td></tr>
        {view.failingSeconds > 0 ? <tr><th scope="row">{t('time.failing')}</th><td /><td>{told(view.failingSeconds)}</td></tr> : null}
      </tbody>
    </table>
  );
}

/** A case's time: every clock with its changes, in whose hands the time was, special procedures. `acts`: the reader may ask and decide. */
export function CaseTime({ caseNo, acts = false, documentOf, onChanged }: { caseNo: string; acts?: boolean; documentOf?: (id: number) => string; onChanged?: () => void }): ReactElement {
  const { t } = useWords();
  const path = `/cases/${encodeURIComponent(caseNo)}`;
  const resource = useResource<CaseTimeView>(`${path}/time`);
  const [error, setError] = useState<unknown>(null);
  const view = resource.data;
  if (!view) return resource.error ? <ProblemNotice error={resource.error} onRetry={resource.reload} /> : <p className="lb-none">…</p>;
  const send: Send = async (to, body) => {
    setError(null);
    try {
      await api.post(to, body);
      resource.reload();
      onChanged?.();
      return true;
    } catch (problem) {
      setError(problem);
      return false;
    }
  };
  const [first, rest] = [view.clocks.filter((clock) => clock.subject !== 'task' || clock.state !== 'DONE'), view.clocks.filter((clock) => clock.subject === 'task' && clock.state === 'DONE')];
  const lines = (clocks: ClockLine[]): ReactElement => (
    <div className="lb-clocks">{clocks.map((clock) => <Clock key={`${clock.kind}-${clock.taskId ?? ''}-${String(clock.legId)}`} clock={clock} caseNo={caseNo} documentOf={documentOf} />)}</div>
  );
  return (
    <div className="lb-time">
      {error ? <ProblemNotice error={error} /> : null}
      {acts && view.mayAsk.length > 0 ? <AskDialog kinds={view.mayAsk} onSend={(body) => send(`${path}/procedures`, body)} /> : null}
      {view.clocks.length === 0 ? <p className="lb-none">{t('clock.none')}</p> : lines(first)}
      {rest.length > 0 ? <details><summary>{t('time.closedTasks', { n: rest.length })}</summary>{lines(rest)}</details> : null}
      {view.procedures.length > 0 ? (
        <>
          <h3>{t('time.procedures')}</h3>
          <ol className="lb-ladder">{view.procedures.map((row) => <ProcedureItem key={row.id} row={row} send={acts ? send : undefined} />)}</ol>
        </>
      ) : null}
      {view.parts.length > 0 ? <><h3>{t('time.parts')}</h3><Parts view={view} /></> : null}
    </div>
  );
}
