import { useCallback } from 'react';

import { api, type Problem } from '../../shared/api/client';
import { useAttempt } from '../../shared/api/useAttempt';
import { type Loaded, useLoad } from '../../shared/api/useLoad';
import type { Trial, TrialEvent } from './types';

/** So much of the history is shown; a trial by hand has far less. */
const PAGES = 5;

export interface TrialPicture {
  trial: Trial;
  events: TrialEvent[];
}
/** Does one thing to the trial (a path below it), then shows it anew; false when it was refused. */
export type Act = (method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => Promise<boolean>;

export interface TrialState {
  loaded: Loaded<TrialPicture>;
  busy: boolean;
  refusal: Problem | undefined;
  act: Act;
}

async function load(id: number, signal: AbortSignal): Promise<TrialPicture> {
  const trial = await api.get<Trial>(`/trials/${String(id)}`, { signal });
  const events: TrialEvent[] = [];
  let after: string | null = '0';
  for (let page = 0; page < PAGES && after !== null; page += 1) {
    const answer: { items: TrialEvent[]; next: string | null } = await api.get(`/trials/${String(id)}/history`, { signal, query: { after } });
    events.push(...answer.items);
    after = answer.next;
  }
  return { trial, events };
}

export function useTrial(id: number): TrialState {
  const loaded = useLoad((signal) => load(id, signal), `trial-${String(id)}`);
  const { busy, problem, attempt } = useAttempt();
  const { reload } = loaded;
  const act = useCallback<Act>(
    (method, path, body) =>
      attempt(async () => {
        const at = `/trials/${String(id)}${path}`;
        if (method === 'POST') await api.post(at, body ?? {});
        else if (method === 'PUT') await api.put(at, body ?? {});
        else await api.delete(at);
        reload();
      }),
    [id, reload, attempt],
  );
  return { loaded, busy, refusal: problem, act };
}
