import { Button, Form, Input, InputNumber, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { useDecisionText } from '../../i18n/decisions';
import { api, Problem } from '../../shared/api/client';
import { ErrorState } from '../../shared/states';
import type { DecisionEditor } from './editor';
import type { Decided, DecisionInput, DecisionModel } from './types';

interface Props {
  model: DecisionModel | null;
  editor: DecisionEditor | null;
}

/** What a person typed for an input, by its id; `JSON` for a model without declared inputs. */
type Typed = Record<string, string | number | boolean | null | undefined>;

const WHOLE = 'JSON';
const TEXTS = new Set(['string', 'date', 'time', 'date and time', 'days and time duration', 'years and months duration', 'duration']);

/** Inputs of one decision, its answer and how it came about; matched rules are marked in the table. */
export function TryPanel({ model, editor }: Props): ReactNode {
  const t = useDecisionText();
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState<Typed>({});
  const [answer, setAnswer] = useState<Decided | null>(null);
  const [problem, setProblem] = useState<Problem>();
  const [badInput, setBadInput] = useState<string>();
  if (model === null || editor === null) return <p className="lb-soft lb-try-empty">{t('try.checkFirst')}</p>;

  const all = [...model.decisions, ...model.services];
  const decision = all.find((candidate) => candidate.id === chosen) ?? all.at(-1);
  if (!decision) return null;
  const inputs = model.inputs.filter((input) => decision.inputs.includes(input.id));

  const run = async (): Promise<void> => {
    setProblem(undefined);
    setBadInput(undefined);
    const given = read(inputs, typed);
    if ('bad' in given) { setBadInput(given.bad); return; }
    try {
      const body = { xml: await editor.xml(), decisionId: decision.id, inputs: given.values };
      const made = await api.post<Decided>('/decisions/try', body);
      setAnswer(made);
      const shown = made.trace.find((step) => step.id === decision.id && step.rules) ?? made.trace.find((step) => step.rules);
      if (shown) await editor.show(shown.id);
      editor.mark(new Map(made.trace.map((step) => [step.id, step.rules ?? []])));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  const put = (id: string, value: Typed[string]): void => setTyped({ ...typed, [id]: value });

  return (
    <section className="lb-try" aria-label={t('try.title')}>
      <h2>{t('try.title')}</h2>
      <Form layout="vertical" size="small" onFinish={() => void run()}>
        <Form.Item label={t('try.decision')}>
          <Select aria-label={t('try.decision')} value={decision.id} onChange={setChosen} options={all.map(({ id, name }) => ({ value: id, label: name }))} />
        </Form.Item>
        {model.inputs.length === 0 ? (
          <Form.Item label={t('try.inputs')}>
            <Input.TextArea aria-label={t('try.inputs')} rows={4} value={String(typed[WHOLE] ?? '{}')} onChange={(event) => put(WHOLE, event.target.value)} />
          </Form.Item>
        ) : (
          inputs.map((input) => (
            <Form.Item key={input.id} label={input.name} extra={[input.type, input.allowed].filter(Boolean).join(' · ')}>
              <InputField input={input} value={typed[input.id]} onChange={(value) => put(input.id, value)} />
            </Form.Item>
          ))
        )}
        <Button type="primary" htmlType="submit">
          {t('try.run')}
        </Button>
      </Form>
      {badInput === undefined ? null : <p className="lb-notice" data-tone="bad" role="alert">{t('try.badJson', { name: badInput })}</p>}
      {problem ? <ErrorState problem={problem} /> : null}
      {answer ? <Answer answer={answer} /> : null}
    </section>
  );
}

function InputField({ input, value, onChange }: { input: DecisionInput; value: Typed[string]; onChange: (value: Typed[string]) => void }): ReactNode {
  const t = useDecisionText();
  const label = { 'aria-label': input.name };
  if (input.type === 'number') return <InputNumber {...label} className="lb-try-number" value={value as number | null} onChange={onChange} />;
  if (input.type === 'boolean') {
    const options = [{ value: true, label: t('try.yes') }, { value: false, label: t('try.no') }];
    return <Select {...label} allowClear value={value} options={options} onChange={onChange} />;
  }
  if (TEXTS.has(input.type)) return <Input {...label} value={value as string} onChange={(event) => onChange(event.target.value)} />;
  return <Input.TextArea {...label} rows={2} value={value as string} onChange={(event) => onChange(event.target.value)} />;
}

/** The values as JSON: texts as they are, other types as JSON; what is not JSON counts as text unless it begins like JSON. */
function read(inputs: readonly DecisionInput[], typed: Typed): { values: Record<string, unknown> } | { bad: string } {
  if (inputs.length === 0) {
    const value = parsed(String(typed[WHOLE] ?? '{}'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { values: value as Record<string, unknown> } : { bad: WHOLE };
  }
  const values: Record<string, unknown> = {};
  for (const { id, name, type } of inputs) {
    const value = typed[id];
    if (value === undefined || value === null || value === '') continue;
    if (typeof value !== 'string' || TEXTS.has(type)) values[name] = value;
    else {
      const found = parsed(value);
      if (found === undefined && /^\s*[[{"]/.test(value)) return { bad: name };
      values[name] = found === undefined ? value : found;
    }
  }
  return { values };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function Answer({ answer }: { answer: Decided }): ReactNode {
  const t = useDecisionText();
  return (
    <div role="status">
      <h3>{t('try.result')}</h3>
      <Value value={answer.value} />
      {answer.errors.length > 0 ? (
        <>
          <h3>{t('try.errors')}</h3>
          <ul className="lb-try-errors">
            {answer.errors.map((row) => (
              <li key={`${row.code} ${row.element ?? ''} ${row.message}`}>
                {row.message} {row.element ? <code>{row.element}</code> : null}
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <h3>{t('try.trace')}</h3>
      <ol className="lb-try-trace">
        {answer.trace.map((step) => (
          <li key={step.id}>
            <strong>{step.name}</strong>
            <Value value={step.value} />
            {step.rules ? (
              <p className="lb-soft">{step.rules.length > 0 ? t('try.rules', { rules: step.rules.join(', ') }) : t('try.noRule')}</p>
            ) : null}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Value({ value }: { value: unknown }): ReactNode {
  const t = useDecisionText();
  return <pre className="lb-try-value">{value === null ? t('try.empty') : JSON.stringify(value, null, 1)}</pre>;
}
