import { createContext, useCallback, useContext, useEffect, useMemo, type ReactElement, type ReactNode } from 'react';
import { useLocation } from 'react-router';

import { useResource } from '../case/resource';
import type { TaskCounts } from '../case/types';
import { useSession } from '../shared/session';

const EVERY_MS = 60_000;

interface Counts {
  counts: TaskCounts | null;
  refresh: () => void;
}

const CountsContext = createContext<Counts>({ counts: null, refresh: () => undefined });

export function useCounts(): Counts {
  return useContext(CountsContext);
}

/** How many tasks wait: asked after every navigation, every minute while the page is seen, and when a task changed. */
export function CountsProvider({ children }: { children: ReactNode }): ReactElement {
  const { session } = useSession();
  const { pathname } = useLocation();
  const user = session?.user?.id ?? null;
  const { data, reload } = useResource<TaskCounts>(user === null ? null : '/tasks/counts');
  useEffect(() => { reload(); }, [pathname, reload]);
  useEffect(() => {
    const timer = setInterval(() => { if (document.visibilityState === 'visible') reload(); }, EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
  const refresh = useCallback(() => reload(), [reload]);
  const value = useMemo(() => ({ counts: user === null ? null : data, refresh }), [user, data, refresh]);
  return <CountsContext value={value}>{children}</CountsContext>;
}
