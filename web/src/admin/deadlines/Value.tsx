import { type ReactNode } from 'react';

import { useCaseText } from '../../case/language';
import { policyValue } from '../../case/policyValue';

/** A value of a policy in words; as it is written, where one points at it. */
export function Value({ text }: { text: string }): ReactNode {
  const { t, has } = useCaseText();
  return <span title={text}>{policyValue(text, t, has)}</span>;
}
