import { useCallback, useRef } from 'react';

import { newIdempotencyKey } from '../shared/api/client';

/** The idempotency key of what the person is doing: the same for the same content until it is answered. */
export function useActionKey(): { keyOf: (content: unknown) => string; answered: () => void } {
  const current = useRef<{ text: string; key: string } | null>(null);
  const keyOf = useCallback((content: unknown) => {
    const text = JSON.stringify(content);
    if (current.current?.text !== text) current.current = { text, key: newIdempotencyKey() };
    return current.current.key;
  }, []);
  const answered = useCallback(() => { current.current = null; }, []);
  return { keyOf, answered };
}
