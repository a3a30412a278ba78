import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';

import type { components } from '../../api/schema';
import { api, onLevelTooLow, onLoggedOut, onStepUp, setCsrfToken, type Problem } from '../api/client';
import { LoginDialog } from './LoginPage';
import { LevelDialog } from './Providers';
import { StepUpDialog } from './StepUpDialog';
import { onSignedIn } from './signedIn';

/** Answer of `GET /session`. */
export type Session = components['schemas']['SessionAnswer'];

/** What has to be done before a session is good for more. */
export type Pending = NonNullable<Session['pending']>;

type Told = (done: boolean) => void;

interface SessionState {
  /** Undefined until the first answer. */
  session: Session | undefined;
  problem: Problem | undefined;
  login: (login: string, password: string) => Promise<void>;
  logout: () => Promise<void>;
  refresh: () => Promise<void>;
  /** Takes an answer that another route gave about this session. */
  take: (answer: Session) => void;
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
  const [tooLow, setTooLow] = useState<Problem>();
  const [proving, setProving] = useState(false);
  // Several requests may wait for the same log-in or proof: each is told.
  const waiting = useRef<Told[]>([]);
  const forLevel = useRef<Told[]>([]);
  const forProof = useRef<Told[]>([]);

  const settle = useCallback((done: boolean) => {
    for (const resolve of waiting.current.splice(0)) resolve(done);
    setAsking(false);
  }, []);
  const take = useCallback((answer: Session) => {
    setCsrfToken(answer.csrfToken);
    setProblem(undefined);
    setSession(answer);
    if (answer.user && !answer.pending) settle(true);
  }, [settle]);
  const refresh = useCallback(async () => {
    try {
      take(await api.get<Session>('/session'));
    } catch (error) {
      setProblem(error as Problem);
    }
  }, [take]);
  const login = useCallback(
    async (name: string, password: string) => {
      take(await api.post<Session>('/session', { login: name, password }));
    },
    [take],
  );
  const logout = useCallback(async () => {
    try {
      const { address } = await api.post<{ address: string | null }>('/session/sign-out', {});
      // The provider's own session is ended at the provider.
      if (address) window.location.assign(address);
      else await refresh();
    } catch (error) {
      setProblem(error as Problem);
    }
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
          // Another request may have changed the session's id meanwhile: then it is still there. Otherwise a fresh token first.
          void freshSession().then((found) => {
            if (found?.user && !found.pending) take(found);
            else setAsking(true);
          });
        }),
    );
    onStepUp(() => new Promise<boolean>((resolve) => {
      forProof.current.push(resolve);
      setProving(true);
    }));
    return () => {
      onLoggedOut(undefined);
      onStepUp(undefined);
    };
  }, [session?.user, take]);
  const proved = useCallback((done: boolean) => {
    setProving(false);
    for (const resolve of forProof.current.splice(0)) resolve(done);
  }, []);
  const reached = useCallback(async (done: boolean) => {
    setTooLow(undefined);
    if (done) await refresh();
    for (const resolve of forLevel.current.splice(0)) resolve(done);
  }, [refresh]);

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
      forLevel.current.push(resolve);
      setTooLow(problem);
    }));
    return () => onLevelTooLow(undefined);
  }, []);

  const value = useMemo(
    () => ({ session, problem, login, logout, refresh, take }),
    [session, problem, login, logout, refresh, take],
  );
  return (
    <SessionContext value={value}>
      {children}
      {asking ? <LoginDialog onCancel={() => settle(false)} /> : null}
      {tooLow ? <LevelDialog problem={tooLow} onDone={(done) => void reached(done)} /> : null}
      {proving ? <StepUpDialog onDone={proved} /> : null}
    </SessionContext>
  );
}

async function freshSession(): Promise<Session | undefined> {
  try {
    const found = await api.get<Session>('/session');
    setCsrfToken(found.csrfToken);
    return found;
  } catch {
    // The login itself will tell what is wrong.
    return undefined;
  }
}
