import { Input } from 'antd';
import { type ReactNode, useId } from 'react';

import { useTrialText } from '../../i18n/trial';
import type { JsonObject } from '../../kernel';

/** The object that a text says; undefined when it says none. Nothing written is an empty object. */
export function readObject(text: string): JsonObject | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

export function showObject(value: JsonObject): string {
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value, null, 2);
}

/** Variables as JSON, with what is wrong beside it. */
export function JsonField({ label, value, onChange, rows = 3 }: { label: string; value: string; onChange: (text: string) => void; rows?: number }): ReactNode {
  const t = useTrialText();
  const id = useId();
  const broken = readObject(value) === undefined;
  return (
    <div className="lb-trial-json">
      <label htmlFor={id}>{label}</label>
      <Input.TextArea
        id={id} value={value} autoSize={{ minRows: rows, maxRows: 12 }} spellCheck={false} placeholder={t('json.example')} status={broken ? 'error' : ''}
        aria-invalid={broken} aria-describedby={broken ? `${id}-wrong` : undefined} onChange={(event) => onChange(event.target.value)}
      />
      {broken ? <p id={`${id}-wrong`} className="lb-trial-wrong">{t('json.wrong')}</p> : null}
    </div>
  );
}
