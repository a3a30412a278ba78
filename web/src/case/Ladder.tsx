import { useId, useState, type ReactElement } from 'react';

import { useLiaisonText } from '../i18n/liaison';
import { dueDay, moment } from './dates';
import { useCaseText } from './language';
import { LadderTag } from './tags';
import type { LadderStepView } from './types';

interface StepProps {
  step: LadderStepView;
  onAnswer?: ((step: LadderStepView, answer: string) => Promise<void>) | undefined;
}

function AnswerForm({ step, onAnswer }: { step: LadderStepView; onAnswer: NonNullable<StepProps['onAnswer']> }): ReactElement {
  const { t } = useCaseText();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  if (!open) return <button type="button" className="lb-button" onClick={() => setOpen(true)}>{t('ladder.answerAction')}</button>;
  const send = (): void => {
    setBusy(true);
    void onAnswer(step, text.trim()).finally(() => setBusy(false));
  };
  return (
    <form className="lb-answer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <label htmlFor={id}>{t('ladder.answerLabel')}</label>
      <textarea id={id} className="lb-input" rows={3} maxLength={400} required value={text} autoFocus onChange={(event) => setText(event.target.value)} />
      <div className="lb-row">
        <button type="submit" className="lb-button" data-kind="primary" disabled={busy || text.trim() === ''}>{t('ladder.answerSend')}</button>
        <button type="button" className="lb-button" onClick={() => setOpen(false)}>{t('cancel')}</button>
      </div>
    </form>
  );
}

function Step({ step, onAnswer }: StepProps): ReactElement {
  const { t } = useCaseText();
  const l = useLiaisonText();
  const author = step.raisedByName ? t('ladder.by', { name: step.raisedByName }) : t('ladder.bySystem');
  return (
    <li>
      <p className="lb-ladder-head">
        <LadderTag mark={step} />
        <time dateTime={step.raisedAt}>{moment(step.raisedAt)}</time>
        <span className="lb-faint">{author}</span>
        <span className="lb-number lb-faint">{step.number}</span>
      </p>
      <p className="lb-faint">
        {[t('ladder.to', { name: step.siteName }), step.taskName ? t('ladder.about', { name: step.taskName }) : null,
          step.dueAt ? t('ladder.wasDue', { date: dueDay(step.dueAt) }) : null].filter(Boolean).join(' · ')}
      </p>
      {step.told ? <p className={step.told === 'contact' ? 'lb-faint' : 'lb-warn'}>{l(`told.${step.told}`, { name: step.toldName })}</p> : null}
      {step.note ? <p>{step.note}</p> : null}
      {step.answer ? (
        <p className="lb-ladder-answer"><strong>{t('ladder.answer')}</strong> {step.answer} <span className="lb-faint">{moment(step.answeredAt)}</span></p>
      ) : null}
      {!step.answer && step.kind !== 'REMIND' ? <p className="lb-faint">{t('ladder.unanswered')}</p> : null}
      {!step.answer && step.mayAnswer && step.kind !== 'REMIND' && onAnswer ? <AnswerForm step={step} onAnswer={onAnswer} /> : null}
    </li>
  );
}

/** Reminders, urges, supervision orders and conferences about a case, with their answers. */
export function Ladder({ steps, onAnswer }: { steps: LadderStepView[]; onAnswer?: StepProps['onAnswer'] }): ReactElement {
  const { t } = useCaseText();
  if (steps.length === 0) return <p className="lb-none">{t('ladder.none')}</p>;
  return <ol className="lb-ladder">{steps.map((step) => <Step key={step.id} step={step} onAnswer={onAnswer} />)}</ol>;
}
