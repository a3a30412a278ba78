import { Form, Input } from 'antd';
import type { ReactNode } from 'react';

import type { Translate } from '../../i18n';

export interface KeyAndNameValues {
  key: string;
  name: string;
}

interface Props {
  t: Translate<'new.key' | 'new.keyRule' | 'new.keyTaken' | 'new.name' | 'new.nameRule'>;
  existing: readonly { key: string }[];
  /** What the server takes for a key. */
  pattern: RegExp;
  autoFocus?: boolean;
}

/** What a model is called: a key that is free, and a name. */
export function KeyAndName({ t, existing, pattern, autoFocus = false }: Props): ReactNode {
  return (
    <>
      <Form.Item
        name="key"
        label={t('new.key')}
        rules={[
          { required: true, pattern, message: t('new.keyRule') },
          {
            validator: (_, value: string) =>
              existing.some((row) => row.key === value) ? Promise.reject(new Error(t('new.keyTaken'))) : Promise.resolve(),
          },
        ]}
      >
        <Input autoFocus={autoFocus} autoComplete="off" />
      </Form.Item>
      <Form.Item name="name" label={t('new.name')} rules={[{ required: true, whitespace: true, message: t('new.nameRule') }]}>
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
    </>
  );
}
