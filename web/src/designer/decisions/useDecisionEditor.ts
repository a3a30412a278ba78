import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

import type { Locale } from '../../i18n';
import { api, Problem } from '../../shared/api/client';
import { type Finding, type Many, rows } from '../types';
import type { DecisionEditor, Sheet } from './editor';
import { findNew } from './fresh';
import { newDecisions } from './template';
import type { DecisionCheck, DecisionModel, DecisionVersion } from './types';

export interface DecisionWork {
  editor: DecisionEditor | null;
  name: string;
  sheets: Sheet[];
  ready: boolean;
  dirty: boolean;
  problem: Problem | undefined;
  importFailure: ImportFailure | null;
  findings: Finding[] | null;
  stale: boolean;
  model: DecisionModel | null;
  setFindings: (findings: Finding[]) => void;
  check: () => Promise<void>;
  settled: () => void;
}

/** Why a file is not open: what the parser says, or the element that the editor does not know. */
export interface ImportFailure {
  text?: string;
  element?: string;
}

interface Loaded {
  name: string;
  xml: string;
  isNew: boolean;
}

async function load(key: string, signal: AbortSignal): Promise<Loaded> {
  const made = findNew(key);
  if (made) return { ...made, isNew: true };
  const all = await api.get<Many<DecisionVersion>>('/decisions', { signal }).then(rows);
  const row = all.find((candidate) => candidate.key === key);
  if (!row) return { name: key, xml: newDecisions(key, key), isNew: true };
  const xml = await api.get<string>(`/decisions/versions/${String(row.id)}/xml`, { signal });
  return { name: row.name, xml, isNew: false };
}

/** The editor in its host, what is open in it, and what the server says about it. */
export function useDecisionEditor(key: string, locale: Locale, host: RefObject<HTMLElement | null>): DecisionWork {
  const [editor, setEditor] = useState<DecisionEditor | null>(null);
  const [name, setName] = useState(key);
  const [sheets, setSheets] = useState<Sheet[]>([]);
  const [ready, setReady] = useState(false);
  const [dirty, setDirty] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [importFailure, setImportFailure] = useState<ImportFailure | null>(null);
  const [findings, keepFindings] = useState<Finding[] | null>(null);
  const [stale, setStale] = useState(false);
  const [model, setModel] = useState<DecisionModel | null>(null);
  const made = useRef<DecisionEditor | null>(null);

  useEffect(() => {
    const container = host.current;
    if (container === null) return undefined;
    const control = new AbortController();
    const begin = async (): Promise<void> => {
      const { DecisionEditor: Editor } = await import('./editor');
      const found = await load(key, control.signal);
      if (control.signal.aborted) return;
      const opened = new Editor({
        container,
        locale,
        onChange: () => {
          setDirty(true);
          setStale(true);
          made.current?.mark(new Map());
        },
        onSheets: setSheets,
      });
      made.current = opened;
      setName(found.name);
      await opened.open(found.xml);
      setEditor(opened);
      setDirty(found.isNew);
      setReady(true);
    };
    begin().catch((error: unknown) => {
      if (control.signal.aborted) return;
      if (error instanceof Problem) setProblem(error);
      else setImportFailure(error instanceof Error && error.name === 'TooNew' ? { element: error.message } : { text: error instanceof Error ? error.message : String(error) });
    });
    return () => {
      control.abort();
      setEditor(null);
      made.current?.destroy();
      made.current = null;
    };
  }, [key, locale, host]);

  const setFindings = useCallback((found: Finding[]) => {
    keepFindings(found);
    setStale(false);
  }, []);
  const check = useCallback(async () => {
    if (editor === null) return;
    const result = await api.post<DecisionCheck>('/decisions/check', { xml: await editor.xml(), key });
    setFindings(result.findings);
    setModel(result.model);
  }, [editor, key, setFindings]);
  useEffect(() => {
    if (editor === null) return;
    check().catch((error: unknown) => {
      if (error instanceof Problem) setProblem(error);
    });
  }, [editor, check]);

  return {
    editor, name, sheets, ready, dirty, problem, importFailure, findings, stale, model, setFindings, check,
    settled: () => setDirty(false),
  };
}
