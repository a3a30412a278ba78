import { useCallback } from 'react';

import { useSaver, type SaveState } from './saver';
import type { JsonObject } from '../kernel';
import { api } from '../shared/api/client';

export interface TaskDraft {
  state: SaveState;
  keep: (data: JsonObject) => void;
  /** Completes the task: no draft is written beside or after it. */
  handIn: <R>(work: () => Promise<R>) => Promise<R>;
}

/** Keeps what was typed into a task; `at` is where the task is: `/tasks/…`. */
export function useTaskDraft(at: string): TaskDraft {
  const write = useCallback(async (data: JsonObject) => {
    await api.put(`${at}/draft`, { data });
    return new Date().toISOString();
  }, [at]);
  const { state, saver } = useSaver(write);
  const keep = useCallback((data: JsonObject) => saver.keep(data), [saver]);
  const handIn = useCallback(<R>(work: () => Promise<R>) => saver.handIn(work), [saver]);
  return { state, keep, handIn };
}
