import { Button } from 'antd';
import { type ReactNode, useState } from 'react';

import type { JsonObject } from '../../kernel';
import { useTrialText } from '../../i18n/trial';
import { JsonField, readObject, showObject } from './JsonField';
import type { TrialInstance } from './types';
import type { Act } from './useTrial';

/** The variables of an instance; while it runs they can be set. */
export function Variables({ instance, busy, act }: { instance: TrialInstance; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  const [text, setText] = useState('');
  const values = readObject(text);
  const set = async (): Promise<void> => {
    if (await act('PUT', `/instances/${String(instance.id)}/variables`, { variables: values })) setText('');
  };
  return (
    <>
      <pre className="lb-trial-data" tabIndex={0} aria-label={t('variables')}>{showObject(instance.variables as JsonObject) || t('variables.none')}</pre>
      {instance.state === 'running' ? (
        <details>
          <summary>{t('variables.set')}</summary>
          <form className="lb-trial-form" onSubmit={(event) => { event.preventDefault(); if (values) void set(); }}>
            <JsonField label={t('variables.new')} value={text} onChange={setText} rows={2} />
            <Button size="small" htmlType="submit" disabled={busy || !values || text.trim() === ''}>{t('variables.write')}</Button>
          </form>
        </details>
      ) : null}
    </>
  );
}
