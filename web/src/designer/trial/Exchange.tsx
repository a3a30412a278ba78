import { AutoComplete, Button, Input, Segmented } from 'antd';
import { type ReactNode, useId, useState } from 'react';

import { useTrialText } from '../../i18n/trial';
import { JsonField, readObject } from './JsonField';
import type { Trial } from './types';
import type { Act } from './useTrial';

/** Sends a message or a signal from outside; what waits for one is offered. */
export function Exchange({ trial, busy, act }: { trial: Trial; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  const id = useId();
  const [kind, setKind] = useState<'message' | 'signal'>('message');
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const [text, setText] = useState('');
  const variables = readObject(text);
  const waiting = trial.instances.flatMap((instance) => instance.subscriptions);
  const last = trial.messages.at(-1);
  const offered = [...new Set(offers(trial, kind))].map((value) => ({ value }));
  const send = (): void => {
    if (!variables || name.trim() === '') return;
    const body = kind === 'message' && key.trim() ? { correlationKey: key.trim() } : {};
    void act('POST', kind === 'message' ? '/messages' : '/signals', { name: name.trim(), variables, ...body });
  };
  return (
    <>
      {waiting.length > 0 ? (
        <ul className="lb-trial-list">
          {waiting.map((row) => (
            <li key={`${String(row.instanceId)}-${row.elementId}-${row.message}`} className="lb-trial-row">
              <span>{t('messages.waits', { name: row.message })}</span>
              <span className="lb-faint">{t('instance.number', { id: row.instanceId })} · {row.name || row.elementId}{row.correlationKey ? ` · ${row.correlationKey}` : ''}</span>
              <Button size="small" onClick={() => { setKind('message'); setName(row.message); setKey(row.correlationKey ?? ''); }}>{t('messages.use')}</Button>
            </li>
          ))}
        </ul>
      ) : null}
      <form className="lb-trial-form" onSubmit={(event) => { event.preventDefault(); send(); }}>
        <Segmented<'message' | 'signal'>
          size="small" value={kind} onChange={setKind} aria-label={t('messages.kind')}
          options={[{ value: 'message', label: t('messages.message') }, { value: 'signal', label: t('messages.signal') }]}
        />
        <label htmlFor={`${id}-name`}>{t('messages.name')}</label>
        <AutoComplete id={`${id}-name`} value={name} options={offered} onChange={setName} aria-label={t('messages.name')} />
        {kind === 'message' ? (
          <>
            <label htmlFor={`${id}-key`}>{t('messages.key')}</label>
            <Input id={`${id}-key`} value={key} onChange={(event) => setKey(event.target.value)} />
          </>
        ) : null}
        <JsonField label={t('payload')} value={text} onChange={setText} rows={2} />
        <Button htmlType="submit" disabled={busy || !variables || name.trim() === ''}>{t('messages.send')}</Button>
      </form>
      {last ? (
        <p className="lb-faint" role="status">
          {t('messages.last', { name: last.name })}{t(`message.${stateOf(last.state)}`)}
          {last.instanceId === null ? '' : ` · ${t('instance.number', { id: last.instanceId })}`}
        </p>
      ) : null}
    </>
  );
}

const STATES = ['delivered', 'started', 'buffered', 'discarded', 'expired'] as const;

function stateOf(state: string): (typeof STATES)[number] {
  return STATES.find((each) => each === state) ?? 'discarded';
}

function offers(trial: Trial, kind: 'message' | 'signal'): string[] {
  const starts = trial.processes.flatMap((process) => process.starts).filter((start) => start.kind === kind).map((start) => start.value);
  return kind === 'message' ? [...trial.instances.flatMap((instance) => instance.subscriptions.map((row) => row.message)), ...starts] : starts;
}
