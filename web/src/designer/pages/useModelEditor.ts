import { useCallback, useEffect, useState } from 'react';

import type { FindingMark } from '../../bpmn/viewer/BpmnViewer';
import type { Locale } from '../../i18n';
import { api, Problem } from '../../shared/api/client';
import { type DiagramEditor } from '../editor/modeler';
import { newModel } from '../editor/template';
import { type CheckResult, type DefinitionRow, type Draft, type Finding, type Many, rows } from '../types';

export interface ModelEditor {
  /** For the host of the canvas. */
  setEditor: (editor: DiagramEditor | null) => void;
  onChange: (history: { canUndo: boolean; canRedo: boolean }) => void;
  editor: DiagramEditor | null;
  ready: boolean;
  problem: Problem | undefined;
  importFailure: string | null;
  name: string;
  running: number;
  revision: number | null;
  dirty: boolean;
  history: { canUndo: boolean; canRedo: boolean };
  findings: Finding[] | null;
  stale: boolean;
  setFindings: (findings: Finding[]) => void;
  check: () => Promise<void>;
  save: (overwrite?: boolean) => Promise<void>;
  replace: (xml: string) => Promise<void>;
  discard: () => Promise<void>;
}

interface Loaded {
  name: string;
  running: number;
  revision: number | null;
  xml: string;
}

async function load(key: string, signal: AbortSignal): Promise<Loaded> {
  const all = await api.get<Many<DefinitionRow>>('/definitions', { signal }).then(rows);
  const row = all.find((candidate) => candidate.key === key);
  const running = row?.runningCases ?? 0;
  if (row?.draft) {
    const draft = await api.get<Draft>(`/drafts/${key}`, { signal });
    return { name: draft.name, running, revision: draft.revision, xml: draft.xml };
  }
  if (row?.latest) {
    const xml = await api.get<string>(`/definitions/versions/${String(row.latest.id)}/xml`, { signal });
    return { name: row.name, running, revision: null, xml };
  }
  return { name: key, running: 0, revision: null, xml: newModel(key, key) };
}

function marksOf(findings: Finding[], locale: Locale): FindingMark[] {
  return findings.flatMap((finding) =>
    finding.elementId
      ? [{ elementId: finding.elementId, severity: finding.severity, text: locale === 'zh' ? finding.message : finding.messageEn }]
      : [],
  );
}

/** Everything behind the editor page: the canvas, the draft on the server, and the findings. */
export function useModelEditor(key: string, locale: Locale): ModelEditor {
  const [editor, setEditor] = useState<DiagramEditor | null>(null);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [importFailure, setImportFailure] = useState<string | null>(null);
  const [dirty, setDirty] = useState(false);
  const [history, setHistory] = useState({ canUndo: false, canRedo: false });
  const [findings, keepFindings] = useState<Finding[] | null>(null);
  const [stale, setStale] = useState(false);

  const onChange = useCallback((next: { canUndo: boolean; canRedo: boolean }) => {
    setDirty(true);
    setStale(true);
    setHistory(next);
  }, []);

  useEffect(() => {
    if (editor === null) return undefined;
    const control = new AbortController();
    const open = async (): Promise<void> => {
      try {
        const found = await load(key, control.signal);
        await editor.open(found.xml);
        setLoaded(found);
        setReady(true);
        setDirty(false);
        setHistory({ canUndo: false, canRedo: false });
      } catch (error) {
        if (control.signal.aborted) return;
        if (error instanceof Problem) setProblem(error);
        else setImportFailure(error instanceof Error ? error.message : String(error));
      }
    };
    void open();
    return () => control.abort();
  }, [editor, key]);

  const setFindings = useCallback(
    (found: Finding[]) => {
      keepFindings(found);
      setStale(false);
      editor?.showFindings(marksOf(found, locale));
    },
    [editor, locale],
  );
  const check = useCallback(async () => {
    if (editor === null) return;
    const result = await api.post<CheckResult>('/definitions/check', { xml: await editor.xml() });
    setFindings(result.findings);
  }, [editor, setFindings]);
  const save = useCallback(
    async (overwrite = false) => {
      if (editor === null || loaded === null) return;
      const match = overwrite || loaded.revision === null ? '*' : `"${String(loaded.revision)}"`;
      const reply = await api.put<Draft>(`/drafts/${key}`, { name: loaded.name, xml: await editor.xml() }, { ifMatch: match });
      setLoaded({ ...loaded, revision: reply.data.revision });
      setDirty(false);
      await check();
    },
    [editor, loaded, key, check],
  );
  const replace = useCallback(
    async (xml: string) => {
      try {
        await editor?.open(xml);
        setImportFailure(null);
        setDirty(true);
        setStale(true);
      } catch (error) {
        setImportFailure(error instanceof Error ? error.message : String(error));
      }
    },
    [editor],
  );
  const discard = useCallback(async () => {
    await api.delete(`/drafts/${key}`);
    if (editor === null) return;
    const found = await load(key, new AbortController().signal);
    await editor.open(found.xml);
    setLoaded(found);
    setDirty(false);
    keepFindings(null);
  }, [editor, key]);

  return {
    setEditor, onChange, editor, ready, problem, importFailure,
    name: loaded?.name ?? key, running: loaded?.running ?? 0, revision: loaded?.revision ?? null,
    dirty, history, findings, stale, setFindings, check, save, replace, discard,
  };
}
