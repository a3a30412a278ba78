import { useCallback, useState } from 'react';

import { Problem } from './client';

export interface Attempt {
  busy: boolean;
  /** How the last attempt was refused. */
  problem: Problem | undefined;
  /** Does something that the server may refuse; false when it did. Any other error is a fault of ours and goes on. */
  attempt: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const attempt = useCallback(async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, problem, attempt };
}
