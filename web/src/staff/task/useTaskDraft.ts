import { useCallback } from 'react';

import { useSaver, type SaveState } from '../../case/saver';
import type { JsonObject } from '../../kernel';
import { api } from '../../shared/api/client';

/** Keeps what was typed into a task. */
export function useTaskDraft(taskId: string): { state: SaveState; keep: (data: JsonObject) => void; stop: () => void } {
  const write = useCallback(async (data: JsonObject) => {
    await api.put(`/tasks/${encodeURIComponent(taskId)}/draft`, { data });
    return new Date().toISOString();
  }, [taskId]);
  const { state, saver } = useSaver(write);
  const keep = useCallback((data: JsonObject) => saver.keep(data), [saver]);
  const stop = useCallback(() => saver.stop(), [saver]);
  return { state, keep, stop };
}
