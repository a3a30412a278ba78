import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';

import { api, onLevelTooLow, onLoggedOut, setCsrfToken, type Problem } from '../api/client';
import { LoginDialog } from './LoginPage';
import { LevelDialog } from './Providers';
import { onSignedIn } from './signedIn';

export interface SessionRole {
  siteId: number;
  siteCode: string;
  siteName: string;
  role: string;
  roleName: string;
}

export interface SessionUser {
  id: number;
  name: string;
  login: string;
  isApplicant: boolean;
  roles: SessionRole[];
}

/** Answer of `GET /session`. */
export interface Session {
  user: SessionUser | null;
  csrfToken: string;
  mode: { training: boolean; demo: boolean; now: string; deploymentName: string };
}

interface SessionState {
  /** Undefined until the first answer. */
  session: Session | undefined;
  problem: Problem | undefined;
  login: (login: string, password: string) => Promise<void>;
  logout: () => Promise<void>;
  refresh: () => Promise<void>;
}

const SessionContext = createContext<SessionState | undefined>(undefined);

export function useSession(): SessionState {
  const state = useContext(SessionContext);
  if (!state) throw new Error('useSession outside SessionProvider');
  return state;
}

/** Knows who is logged in; asks to log in again over the page when the session ended. */
export function SessionProvider({ children }: { children: ReactNode }): ReactNode {
  const [session, setSession] = useState<Session>();
  const [problem, setProblem] = useState<Problem>();
  const [asking, setAsking] = useState(false);
  const [tooLow, setTooLow] = useState<{ problem: Problem; settle: (proved: boolean) => void }>();
  const waiting = useRef<((done: boolean) => void)[]>([]);

  const take = useCallback((answer: Session) => {
    setCsrfToken(answer.csrfToken);
    setProblem(undefined);
    setSession(answer);
  }, []);
  const refresh = useCallback(async () => {
    try {
      take(await api.get<Session>('/session'));
    } catch (error) {
      setProblem(error as Problem);
    }
  }, [take]);
  const settle = useCallback((done: boolean) => {
    for (const resolve of waiting.current.splice(0)) resolve(done);
    setAsking(false);
  }, []);
  const login = useCallback(
    async (name: string, password: string) => {
      take(await api.post<Session>('/session', { login: name, password }));
      settle(true);
    },
    [take, settle],
  );
  const logout = useCallback(async () => {
    const { address } = await api.post<{ address: string | null }>('/session/sign-out', {});
    // The provider's own session is ended at the provider.
    if (address) window.location.assign(address);
    else await refresh();
  }, [refresh]);

  useEffect(() => {
    void refresh();
  }, [refresh]);
  useEffect(() => {
    if (!session?.user) {
      onLoggedOut(undefined);
      return undefined;
    }
    onLoggedOut(
      () =>
        new Promise<boolean>((resolve) => {
          waiting.current.push(resolve);
          // A fresh token first: the old one ended with the session.
          void refreshToken().then(() => setAsking(true));
        }),
    );
    return () => onLoggedOut(undefined);
  }, [session?.user]);

  useEffect(() => {
    if (!asking) return undefined;
    // Logged in at a provider in another window: the session's cookie is there, its CSRF token is new.
    return onSignedIn(() => void api.get<Session>('/session').then((found) => {
      if (!found.user) return;
      take(found);
      settle(true);
    }));
  }, [asking, take, settle]);
  useEffect(() => {
    onLevelTooLow((problem) => new Promise<boolean>((resolve) => {
      const finish = (proved: boolean): void => {
        setTooLow(undefined);
        if (proved) void refresh().then(() => resolve(true));
        else resolve(false);
      };
      setTooLow({ problem, settle: finish });
    }));
    return () => onLevelTooLow(undefined);
  }, [refresh]);

  const value = useMemo(
    () => ({ session, problem, login, logout, refresh }),
    [session, problem, login, logout, refresh],
  );
  return (
    <SessionContext value={value}>
      {children}
      {asking ? <LoginDialog onCancel={() => settle(false)} /> : null}
      {tooLow ? <LevelDialog problem={tooLow.problem} onDone={tooLow.settle} /> : null}
    </SessionContext>
  );
}

async function refreshToken(): Promise<void> {
  try {
    setCsrfToken((await api.get<Session>('/session')).csrfToken);
  } catch {
    // The login itself will tell what is wrong.
  }
}
