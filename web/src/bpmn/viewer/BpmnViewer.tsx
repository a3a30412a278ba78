/** A diagram with the positions of a case on it, and the same as a list for those who cannot see it. */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';

import type BaseViewer from 'bpmn-js/lib/BaseViewer';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';

import lianban from '../moddle/lianban.json';
import { translateModule } from '../i18n/translate';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import { locate } from './locate';
import type { Drawn } from './locate';
import { viewerText } from './texts';
import type { Locale } from './texts';

export interface LegPosition {
  legId?: string | number;
  participantId: string;
  siteName?: string;
  active: string[];
  visited: string[];
  taken: string[];
  incidents: string[];
}
export interface FindingMark {
  elementId: string;
  severity: 'error' | 'warning';
  text: string;
}
export interface BpmnViewerProps {
  xml: string;
  legs?: LegPosition[];
  findings?: FindingMark[];
  height?: number | string;
  locale?: Locale;
  onSelect?: (elementId: string) => void;
}

interface Canvas {
  zoom(to: 'fit-viewport' | number, center?: 'auto'): number;
  addMarker(id: string, marker: string): void;
  removeMarker(id: string, marker: string): void;
}
interface Overlays {
  add(id: string, type: string, overlay: object): string;
  remove(filter: { type: string }): void;
}
interface RegisteredElement {
  id: string;
  type: string;
  businessObject: { name?: string };
}
interface Registry {
  get(id: string): RegisteredElement | undefined;
}
interface Position {
  id: string;
  name: string;
  site: string;
  kind: 'active' | 'incident';
}

export function BpmnViewer(props: BpmnViewerProps): ReactElement {
  const { xml, legs, findings, height = 480, locale = 'zh' } = props;
  const host = useRef<HTMLDivElement>(null);
  /** The viewer with the diagram it shows now; a new object after each import. */
  const [shown, setShown] = useState<{ viewer: NavigatedViewer } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const say = viewerText(locale);
  const onSelect = useRef(props.onSelect);
  useEffect(() => {
    onSelect.current = props.onSelect;
  });

  useEffect(() => {
    const container = host.current;
    if (container === null) return undefined;
    const viewer = new NavigatedViewer({
      container,
      moddleExtensions: { zeebe, lianban },
      additionalModules: [translateModule(locale)],
    });
    let left = false;
    viewer.on('element.click', (event: unknown) => {
      onSelect.current?.((event as { element: RegisteredElement }).element.id);
    });
    viewer.importXML(xml).then(
      () => {
        if (left) return;
        viewer.get<Canvas>('canvas').zoom('fit-viewport', 'auto');
        setFailure(null);
        setShown({ viewer });
      },
      (error: unknown) => {
        if (!left) setFailure(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      left = true;
      setShown(null);
      viewer.destroy();
    };
  }, [locale, xml]);

  useEffect(() => (shown === null ? undefined : markPositions(shown.viewer, legs ?? [], say('here'), say('incident'))), [shown, legs, say]);
  useEffect(() => (shown === null ? undefined : markFindings(shown.viewer, findings ?? [])), [shown, findings]);

  const positions = shown === null ? [] : listPositions(shown.viewer, legs ?? []);
  return (
    <figure className="lb-diagram">
      {failure !== null && (
        <p role="alert" className="lb-diagram-failure">
          {say('failed')} {failure}
        </p>
      )}
      <div className="lb-diagram-canvas" style={{ height }} ref={host} role="group" aria-label={say('diagram')} />
      <figcaption>
        {legs !== undefined && <Legend say={say} />}
        {positions.length > 0 && (
          <ul className="lb-diagram-twin" aria-label={say('positions')}>
            {positions.map((position) => (
              <li key={`${position.site}-${position.id}-${position.kind}`} data-kind={position.kind}>
                {position.site !== '' && <span className="lb-diagram-site">{position.site}</span>}
                {position.name}
                {position.kind === 'incident' && <strong> {say('incident')}</strong>}
              </li>
            ))}
          </ul>
        )}
      </figcaption>
    </figure>
  );
}

function Legend({ say }: { say: ReturnType<typeof viewerText> }): ReactElement {
  return (
    <div className="lb-diagram-legend">
      <span data-kind="active">{say('here')}</span>
      <span data-kind="visited">{say('done')}</span>
      <span data-kind="incident">{say('incident')}</span>
    </div>
  );
}

function mark(viewer: NavigatedViewer, ids: string[], marker: string): () => void {
  const canvas = viewer.get<Canvas>('canvas');
  const registry = viewer.get<Registry>('elementRegistry');
  const known = ids.filter((id) => registry.get(id) !== undefined);
  for (const id of known) canvas.addMarker(id, marker);
  return () => {
    for (const id of known) if (registry.get(id) !== undefined) canvas.removeMarker(id, marker);
  };
}

function badge(text: string, kind: string): HTMLElement {
  const element = document.createElement('div');
  element.className = `lb-badge lb-badge-${kind}`;
  element.textContent = text;
  return element;
}

function markPositions(viewer: NavigatedViewer, legs: LegPosition[], here: string, incident: string): () => void {
  const undo = [
    mark(viewer, legs.flatMap((leg) => leg.visited), 'lb-visited'),
    mark(viewer, legs.flatMap((leg) => leg.taken), 'lb-taken'),
    mark(viewer, legs.flatMap((leg) => leg.active), 'lb-active'),
    mark(viewer, legs.flatMap((leg) => leg.incidents), 'lb-incident'),
  ];
  const overlays = viewer.get<Overlays>('overlays');
  const registry = viewer.get<Registry>('elementRegistry');
  for (const leg of legs) {
    for (const id of leg.active) {
      if (registry.get(id) === undefined) continue;
      const failed = leg.incidents.includes(id);
      overlays.add(id, 'lb-position', {
        position: { top: -12, left: 0 },
        html: badge(failed ? `⚠ ${incident}` : `● ${here}`, failed ? 'incident' : 'active'),
      });
    }
  }
  return () => {
    overlays.remove({ type: 'lb-position' });
    for (const step of undo) step();
  };
}

export function markFindings(viewer: BaseViewer, findings: FindingMark[]): () => void {
  const overlays = viewer.get<Overlays>('overlays');
  const registry = viewer.get<Registry>('elementRegistry');
  const canvas = viewer.get<Canvas>('canvas');
  const marked: [string, string][] = [];
  const byElement = new Map<string, FindingMark[]>();
  for (const finding of findings) {
    const id = locate(viewer.get<Drawn>('elementRegistry'), finding.elementId);
    if (id !== null) byElement.set(id, [...(byElement.get(id) ?? []), finding]);
  }
  for (const [id, found] of byElement) {
    const severity = found.some((finding) => finding.severity === 'error') ? 'error' : 'warning';
    const html = badge(`${severity === 'error' ? '✕' : '!'}${found.length > 1 ? ` ${String(found.length)}` : ''}`, severity);
    html.title = found.map((finding) => finding.text).join('\n');
    overlays.add(id, 'lb-finding', { position: { top: -10, right: 14 }, html });
    const marker = `lb-finding-${severity}`;
    canvas.addMarker(id, marker);
    marked.push([id, marker]);
  }
  return () => {
    overlays.remove({ type: 'lb-finding' });
    for (const [id, marker] of marked) if (registry.get(id) !== undefined) canvas.removeMarker(id, marker);
  };
}

function listPositions(viewer: NavigatedViewer, legs: LegPosition[]): Position[] {
  const registry = viewer.get<Registry>('elementRegistry');
  return legs.flatMap((leg) => {
    const pool = registry.get(leg.participantId)?.businessObject.name ?? '';
    const site = leg.siteName ?? pool;
    return leg.active.map((id): Position => ({
      id,
      site,
      name: registry.get(id)?.businessObject.name ?? id,
      kind: leg.incidents.includes(id) ? 'incident' : 'active',
    }));
  });
}
