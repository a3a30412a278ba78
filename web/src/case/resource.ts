import { useCallback, useEffect, useState } from 'react';

import { api } from '../shared/api/client';
import type { Page } from './types';

export interface Resource<T> {
  data: T | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
  /** Replaces what is shown by an answer that is newer. */
  put: (data: T) => void;
}

/** How a path is asked for. */
type Ask = <T>(path: string, signal?: AbortSignal) => Promise<T>;

const getFrom: Ask = <T>(path: string, signal?: AbortSignal) => api.get<T>(path, signal ? { signal } : {});

/** Words of a search (`q`) go into a body, never into an address: they may name a person. */
const searchAt: Ask = <T>(path: string, signal?: AbortSignal) => {
  const [place = '', search = ''] = path.split('?');
  const { q, ...filters } = Object.fromEntries(new URLSearchParams(search));
  if (!q) return getFrom<T>(`${place}${query(filters)}`, signal);
  return api.post<T>(`${place}/search`, { q, ...filters }, { reads: true, ...(signal ? { signal } : {}) });
};

/** A GET whose old answer stays while it is asked again; `null` asks nothing. */
export function useResource<T>(path: string | null, ask: Ask = getFrom): Resource<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: unknown; loading: boolean }>({
    path, data: null, error: null, loading: path !== null,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    setState((old) => ({ path, data: old.path === path ? old.data : null, error: null, loading: true }));
    ask<T>(path, abort.signal).then(
      (data) => { if (!abort.signal.aborted) setState({ path, data, error: null, loading: false }); },
      (error: unknown) => { if (!abort.signal.aborted) setState((old) => ({ ...old, error, loading: false })); },
    );
    return () => abort.abort();
  }, [path, turn, ask]);
  const reload = useCallback(() => setTurn((value) => value + 1), []);
  const put = useCallback((data: T) => setState({ path, data, error: null, loading: false }), [path]);
  const current = state.path === path;
  return { data: current ? state.data : null, error: current ? state.error : null, loading: current ? state.loading : path !== null, reload, put };
}

export interface PagedResource<T> {
  items: T[];
  more: boolean;
  error: unknown;
  loading: boolean;
  loadingMore: boolean;
  loadMore: () => void;
  reload: () => void;
}

/** A keyset list: the first page of a query, further pages on demand. `path` has its query string. */
export function usePages<T>(path: string | null): PagedResource<T> {
  const first = useResource<Page<T>>(path, searchAt);
  const [rest, setRest] = useState<{ of: Page<T> | null; items: T[]; next: string | null }>({ of: null, items: [], next: null });
  const [loadingMore, setLoadingMore] = useState(false);
  const [moreError, setMoreError] = useState<unknown>(null);
  const fresh = rest.of === first.data ? rest : { of: first.data, items: [], next: first.data?.next ?? null };
  const loadMore = (): void => {
    if (!path || !fresh.next || loadingMore) return;
    const of = first.data;
    setLoadingMore(true);
    setMoreError(null);
    searchAt<Page<T>>(`${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(fresh.next)}`)
      .then((page) => {
        setRest({ of, items: [...fresh.items, ...page.items], next: page.next });
      }, setMoreError)
      .finally(() => setLoadingMore(false));
  };
  return {
    items: [...(first.data?.items ?? []), ...fresh.items],
    more: fresh.next !== null,
    error: first.error ?? moreError,
    loading: first.loading,
    loadingMore,
    loadMore,
    reload: first.reload,
  };
}

/** `?a=1&b=2` of the values that are set. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}
