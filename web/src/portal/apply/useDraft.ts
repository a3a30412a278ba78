import { useCallback, useEffect, useState } from 'react';

import { useSaver, type SaveState } from '../../case/saver';
import type { ApplicationDraft } from '../../case/types';
import { api } from '../../shared/api/client';

export interface DraftContent {
  data: Record<string, unknown>;
  materials: { code: string; fileId: string; fileName: string; size: number }[];
}

export interface DraftKeeper {
  loading: boolean;
  error: unknown;
  restored: ApplicationDraft | null;
  state: SaveState;
  /** Keeps this content; written after a pause in typing. */
  keep: (content: DraftContent) => void;
  /** Submits the application: no draft is written beside or after it. */
  handIn: <R>(work: () => Promise<R>) => Promise<R>;
  discard: () => Promise<void>;
  reload: () => void;
}

/** The draft of an application: read once, then written while the person types. */
export function useDraft(itemCode: string): DraftKeeper {
  const path = `/items/${encodeURIComponent(itemCode)}/draft`;
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const [restored, setRestored] = useState<ApplicationDraft | null>(null);
  const [turn, setTurn] = useState(0);
  const write = useCallback(async ({ data, materials }: DraftContent) => {
    const { data: draft } = await api.put<ApplicationDraft>(path, { data, materials: materials.map(({ code, fileId }) => ({ code, fileId })) });
    return draft.updatedAt ?? new Date().toISOString();
  }, [path]);
  const { state, saver } = useSaver(write);

  useEffect(() => {
    const abort = new AbortController();
    api.get<ApplicationDraft>(path, { signal: abort.signal }).then(
      (draft) => { setRestored(draft.updatedAt ? draft : null); setError(null); setLoading(false); },
      (problem: unknown) => {
        if (abort.signal.aborted) return;
        setError(problem);
        setLoading(false);
      },
    );
    return () => abort.abort();
  }, [path, turn]);

  const keep = useCallback((content: DraftContent) => saver.keep(content), [saver]);
  const handIn = useCallback(<R>(work: () => Promise<R>) => saver.handIn(work), [saver]);
  const discard = useCallback(async () => {
    await api.delete(path);
    setRestored(null);
  }, [path]);
  const reload = useCallback(() => {
    setLoading(true);
    setTurn((value) => value + 1);
  }, []);
  return { loading, error, restored, state, keep, handIn, discard, reload };
}
