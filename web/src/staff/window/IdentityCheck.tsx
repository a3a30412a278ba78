import { Button } from 'antd';
import { useId, useState, type ReactElement } from 'react';

import { clockTime, moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { api } from '../../shared/api/client';
import { Notice } from '../../shared/states';
import { useWindowWords, windowPath, type WindowCaseData, type WindowTextKey } from './text';

const APPEARED = ['APPLICANT', 'GUARDIAN', 'AGENT'] as const;
const PAPERS = ['ID_CARD', 'TEMPORARY_CARD', 'ELECTRONIC', 'HOUSEHOLD_BOOK', 'OTHER'] as const;

interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  wrong: string | null;
}

function TextField({ label, value, onChange, wrong }: TextFieldProps): ReactElement {
  const id = useId();
  return (
    <div className="s-filter">
      <label htmlFor={id}>{label}</label>
      <input
        id={id} className="lb-input" autoComplete="off" maxLength={40} value={value} aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? `${id}-error` : undefined} onChange={(event) => onChange(event.target.value)}
      />
      {wrong ? <span id={`${id}-error`} className="s-error">{wrong}</span> : null}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  values: readonly string[];
  words: (value: string) => string;
  value: string;
  onChange: (value: string) => void;
}

function Choice({ label, values, words, value, onChange }: ChoiceProps): ReactElement {
  const id = useId();
  return (
    <div className="s-filter">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="lb-input" value={value} onChange={(event) => onChange(event.target.value)}>
        {values.map((each) => <option key={each} value={each}>{words(each)}</option>)}
      </select>
    </div>
  );
}

interface CheckProps {
  served: WindowCaseData;
  onDone: (served: WindowCaseData) => void;
}

function CheckForm({ served, onDone }: CheckProps): ReactElement {
  const { t } = useWindowWords();
  const [appeared, setAppeared] = useState('APPLICANT');
  const [paper, setPaper] = useState('ID_CARD');
  const [idNo, setIdNo] = useState('');
  const [agentName, setAgentName] = useState('');
  const [agentIdNo, setAgentIdNo] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const other = appeared !== 'APPLICANT';
  const missing = (value: string): string | null => (tried && value.trim() === '' ? t('identity.missing') : null);
  const send = (): void => {
    setTried(true);
    if (idNo.trim() === '' || (other && (agentName.trim() === '' || agentIdNo.trim() === ''))) return;
    setBusy(true);
    setError(null);
    api.post<WindowCaseData>(`${windowPath(served.caseNo)}/identify`, {
      appeared, paper, idNo: idNo.trim().toUpperCase(), ...(other ? { agentName: agentName.trim(), agentIdNo: agentIdNo.trim().toUpperCase() } : {}),
    }).then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <form className="s-window-check" noValidate onSubmit={(event) => { event.preventDefault(); send(); }}>
      <p className="lb-soft">{t('identity.lead')}</p>
      <div className="s-filters">
        <Choice label={t('identity.appeared')} values={APPEARED} words={(value) => t(`appeared.${value}` as WindowTextKey)} value={appeared} onChange={setAppeared} />
        <Choice label={t('identity.paper')} values={PAPERS} words={(value) => t(`paper.${value}` as WindowTextKey)} value={paper} onChange={setPaper} />
        <TextField label={t('identity.idNo')} value={idNo} onChange={setIdNo} wrong={missing(idNo)} />
        {other ? <TextField label={t('identity.agentName')} value={agentName} onChange={setAgentName} wrong={missing(agentName)} /> : null}
        {other ? <TextField label={t('identity.agentIdNo')} value={agentIdNo} onChange={setAgentIdNo} wrong={missing(agentIdNo)} /> : null}
      </div>
      {error ? <ProblemNotice error={error} /> : null}
      <Button type="primary" htmlType="submit" loading={busy}>{t('identity.do')}</Button>
    </form>
  );
}

/** 身份核验: who stands at the window, what was seen, and until when the clerk may act. */
export function IdentityCheck({ served, onDone }: CheckProps): ReactElement {
  const { t, pick } = useWindowWords();
  const [again, setAgain] = useState(false);
  const { visit, visits } = served;
  const done = (next: WindowCaseData): void => { setAgain(false); onDone(next); };
  return (
    <section className="s-block">
      <h2>{t('identity')}</h2>
      {visit && !again ? (
        <>
          <Notice tone="good">
            <p>{t('identity.done', { who: pick(visit.appearedName, visit.appearedNameEn), paper: pick(visit.paperName, visit.paperNameEn), until: clockTime(visit.endsAt) })}</p>
          </Notice>
          <p><Button size="small" onClick={() => setAgain(true)}>{t('identity.again')}</Button></p>
        </>
      ) : <CheckForm served={served} onDone={done} />}
      {visits.length > 0 ? (
        <details>
          <summary>{t('identity.history')}</summary>
          <ul className="s-plain">
            {visits.map((each) => (
              <li key={each.id}>
                <span className="lb-faint">{t('identity.by', { at: moment(each.at), name: each.clerkName })}</span>
                <span>{pick(each.appearedName, each.appearedNameEn)} · {pick(each.paperName, each.paperNameEn)}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}
