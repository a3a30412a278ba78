import { useCallback, useEffect, useRef, useState } from 'react';

import { problemOf } from '../../case/problem';
import { api } from '../../shared/api/client';
import type { ApplicationDraft } from '../../case/types';

export interface DraftContent {
  data: Record<string, unknown>;
  materials: { code: string; fileId: string; fileName: string; size: number }[];
}

export type SaveState = { kind: 'idle' } | { kind: 'saving' } | { kind: 'saved'; at: string } | { kind: 'failed'; error: unknown };

const PAUSE_MS = 1500;

export interface DraftKeeper {
  loading: boolean;
  error: unknown;
  restored: ApplicationDraft | null;
  state: SaveState;
  /** Keeps this content; written after a pause in typing. */
  keep: (content: DraftContent) => void;
  discard: () => Promise<void>;
  reload: () => void;
}

/** The draft of an application: read once, then written 1.5 s after the last change, one write at a time. */
export function useDraft(itemCode: string): DraftKeeper {
  const path = `/items/${encodeURIComponent(itemCode)}/draft`;
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const [restored, setRestored] = useState<ApplicationDraft | null>(null);
  const [state, setState] = useState<SaveState>({ kind: 'idle' });
  const [turn, setTurn] = useState(0);
  const waiting = useRef<DraftContent | null>(null);
  const writing = useRef(false);
  const stopped = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useEffect(() => {
    const abort = new AbortController();
    setLoading(true);
    setError(null);
    api.get<ApplicationDraft | null>(path, { signal: abort.signal }).then(
      (draft) => { setRestored(draft?.updatedAt ? draft : null); setLoading(false); },
      (problem: unknown) => {
        if (abort.signal.aborted) return;
        if (problemOf(problem)?.status !== 404) setError(problem);
        setLoading(false);
      },
    );
    return () => abort.abort();
  }, [path, turn]);

  const write = useCallback(() => {
    const content = waiting.current;
    if (!content || writing.current || stopped.current) return;
    waiting.current = null;
    writing.current = true;
    setState({ kind: 'saving' });
    const materials = content.materials.map(({ code, fileId }) => ({ code, fileId }));
    api.put<ApplicationDraft>(path, { data: content.data, materials }).then(
      ({ data }) => setState({ kind: 'saved', at: data.updatedAt }),
      (problem: unknown) => {
        waiting.current ??= content;
        setState({ kind: 'failed', error: problem });
      },
    ).finally(() => {
      writing.current = false;
      if (waiting.current) timer.current = setTimeout(write, PAUSE_MS * 4);
    });
  }, [path]);

  const keep = useCallback((content: DraftContent) => {
    waiting.current = content;
    clearTimeout(timer.current);
    timer.current = setTimeout(write, PAUSE_MS);
  }, [write]);

  const discard = useCallback(async () => {
    stopped.current = true;
    clearTimeout(timer.current);
    waiting.current = null;
    await api.delete(path);
    setRestored(null);
    setState({ kind: 'idle' });
    stopped.current = false;
  }, [path]);

  useEffect(() => () => {
    clearTimeout(timer.current);
    write();
  }, [write]);

  return { loading, error, restored, state, keep, discard, reload: useCallback(() => setTurn((value) => value + 1), []) };
}
