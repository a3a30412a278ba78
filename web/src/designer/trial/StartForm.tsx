import { Button, Select } from 'antd';
import { type ReactNode, useId, useState } from 'react';

import { useTrialText } from '../../i18n/trial';
import { JsonField, readObject } from './JsonField';
import type { TrialProcess, TrialStart } from './types';
import type { Act } from './useTrial';

/** Starts an instance: which process, where, with which variables. */
export function StartForm({ processes, busy, act }: { processes: TrialProcess[]; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  const id = useId();
  const ways = processes.flatMap((process) => process.starts.map((start) => ({ process, start })));
  const [chosen, choose] = useState(0);
  const [text, setText] = useState('');
  const way = ways[chosen];
  const variables = readObject(text);
  if (!way) return <p className="lb-faint">{t('start.none')}</p>;
  const start = async (): Promise<void> => {
    const at = way.start.kind === 'none' ? {} : { startEvent: way.start.elementId };
    await act('POST', '/instances', { processId: way.process.id, variables, ...at });
  };
  const told = (process: TrialProcess, { kind, value }: TrialStart): string => {
    const name = process.name || process.id;
    return kind === 'none' ? name : `${name} · ${t(`start.${kind}`)} ${value}`;
  };
  return (
    <form
      className="lb-trial-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (variables) void start();
      }}
    >
      <label htmlFor={id}>{t('start.process')}</label>
      <Select
        id={id} value={chosen} onChange={choose} aria-label={t('start.process')}
        options={ways.map(({ process, start: each }, index) => ({ value: index, label: told(process, each) }))}
      />
      <JsonField label={way.start.kind === 'message' || way.start.kind === 'signal' ? t('payload') : t('variables')} value={text} onChange={setText} />
      <Button type="primary" htmlType="submit" disabled={busy || !variables}>{t('start.go')}</Button>
    </form>
  );
}
