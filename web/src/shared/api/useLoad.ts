import { useCallback, useEffect, useRef, useState } from 'react';

import { Problem } from './client';

export interface Loaded<T> {
  data: T | undefined;
  problem: Problem | undefined;
  loading: boolean;
  reload: () => void;
}

/** Loads when the page opens and when `key` changes; what was shown stays while it loads again. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, key: string): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; problem?: Problem; loading: boolean }>({ key, loading: true });
  const [turn, setTurn] = useState(0);
  const current = useRef(load);
  useEffect(() => {
    current.current = load;
  });
  useEffect(() => {
    const control = new AbortController();
    setState((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
    current.current(control.signal).then(
      (data) => {
        if (!control.signal.aborted) setState({ key, data, loading: false });
      },
      (error: unknown) => {
        if (control.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        setState((before) => ({ ...before, problem: error, loading: false }));
      },
    );
    return () => control.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { data: state.data, problem: state.problem, loading: state.loading, reload };
}
