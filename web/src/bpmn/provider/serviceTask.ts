/** What a service task asks for: its task definition, inputs and task headers, read and written as undoable commands. */
import { addExtension, extensionValues, findExtension, removeExtension } from './extensions';
import type { DiagramElement, ModdleElement, Services } from './extensions';

const DEFINITION = 'zeebe:TaskDefinition';
const MAPPING = 'zeebe:IoMapping';
const HEADERS = 'zeebe:TaskHeaders';

const HTTP_TYPES = ['http', 'io.camunda:http-json:1'];
export const MAIL_TYPE = 'email';

/** '' nothing chosen yet, `http`, `email`, the type of a function of the platform, or `external`. */
export type WorkKind = string;

interface Names {
  inputs: RegExp;
  headers: RegExp;
}
/** What belongs to a connector alone: it goes when another kind of work is chosen. */
const OWN: Record<string, Names> = {
  http: {
    inputs: /^(method|url|pathParameters|queryParameters|headers|body|authentication(\..+)?|\w+TimeoutInSeconds|maxResponseBytes|idempotencyHeader|clientCertificate|certificateAuthority|ignoreNullValues|storeResponse|skipEncoding|groupSetCookieHeaders)$/,
    headers: /^(resultVariable|resultExpression|errorExpression|errorCodes)$/,
  },
  email: { inputs: /^(to|subject|body)$/, headers: /^$/ },
};

export interface DrawnTask {
  type: string;
  elementId: string;
  name: string;
  inputs: { target: string; source: string }[];
  outputs: { target: string; source: string }[];
  headers: Record<string, string>;
  retries: string;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list(holder: ModdleElement | undefined, property: string): ModdleElement[] {
  return (holder?.get(property) as ModdleElement[] | undefined) ?? [];
}

export function typeOf(element: DiagramElement): string {
  return text(findExtension(element, DEFINITION)?.get('type'));
}

export function kindOf(element: DiagramElement, functions: readonly string[]): WorkKind {
  const type = typeOf(element);
  if (HTTP_TYPES.includes(type)) return 'http';
  return type === '' || type === MAIL_TYPE || functions.includes(type) ? type : 'external';
}

/** Chooses the kind of work. What the kind before alone understood goes with it; everything else stays. One step of undo. */
export function setKind(services: Services, element: DiagramElement, kind: WorkKind): void {
  const before = HTTP_TYPES.includes(typeOf(element)) ? 'http' : typeOf(element);
  if (kind === before) return;
  const own = OWN[before];
  const holder = element.businessObject;
  const extensions = (holder.get('extensionElements') as ModdleElement | undefined) ?? services.bpmnFactory.create('bpmn:ExtensionElements', { values: [] });
  const kept = extensionValues(holder).flatMap((value) => {
    if (value.$type === DEFINITION) return [];
    if (own !== undefined && value.$type === MAPPING) return without(services, value, 'inputParameters', (row) => own.inputs.test(text(row.get('target'))));
    if (own !== undefined && value.$type === HEADERS) return without(services, value, 'values', (row) => own.headers.test(text(row.get('key'))));
    return [value];
  });
  const retries = findExtension(element, DEFINITION)?.get('retries');
  const type = kind === 'external' ? element.id : kind;
  const definition = kind === '' ? [] : [services.bpmnFactory.create(DEFINITION, { type, ...(retries === undefined ? {} : { retries }) })];
  const values = [...definition, ...kept];
  for (const value of values) value.$parent = extensions;
  if (extensions.$parent === undefined) {
    extensions.$parent = holder;
    extensions['values'] = values;
    services.modeling.updateModdleProperties(element, holder, { extensionElements: extensions });
  } else services.modeling.updateModdleProperties(element, extensions, { values });
}

/** A copy of a list's element without some rows; nothing when it is empty then. The original stays as it is, for undo. */
function without(services: Services, value: ModdleElement, property: string, goes: (row: ModdleElement) => boolean): ModdleElement[] {
  const rows = list(value, property).filter((row) => !goes(row));
  const outputs = value.$type === MAPPING ? list(value, 'outputParameters') : [];
  if (rows.length === 0 && outputs.length === 0) return [];
  const copy = services.bpmnFactory.create(value.$type, { [property]: rows, ...(outputs.length === 0 ? {} : { outputParameters: outputs }) });
  return [copy];
}

export function readDefinition(element: DiagramElement, attribute: 'type' | 'retries'): string {
  return text(findExtension(element, DEFINITION)?.get(attribute));
}

export function writeDefinition(services: Services, element: DiagramElement, attribute: 'type' | 'retries', value: string | undefined): void {
  const definition = findExtension(element, DEFINITION);
  if (definition !== undefined) services.modeling.updateModdleProperties(element, definition, { [attribute]: value });
}

export function readInput(element: DiagramElement, target: string): string | undefined {
  return rowOf(element, MAPPING, 'inputParameters', 'target', target)?.get('source') as string | undefined;
}

export function writeInput(services: Services, element: DiagramElement, target: string, source: string | undefined): void {
  writeRow(services, element, { holder: MAPPING, property: 'inputParameters', row: 'zeebe:Input', name: 'target', value: 'source' }, target, source);
}

export function readHeader(element: DiagramElement, key: string): string | undefined {
  return rowOf(element, HEADERS, 'values', 'key', key)?.get('value') as string | undefined;
}

export function writeHeader(services: Services, element: DiagramElement, key: string, value: string | undefined): void {
  writeRow(services, element, { holder: HEADERS, property: 'values', row: 'zeebe:Header', name: 'key', value: 'value' }, key, value);
}

function rowOf(element: DiagramElement, holder: string, property: string, name: string, wanted: string): ModdleElement | undefined {
  return list(findExtension(element, holder), property).find((row) => row.get(name) === wanted);
}

interface Kept {
  holder: string;
  property: string;
  row: string;
  name: string;
  value: string;
}

function writeRow(services: Services, element: DiagramElement, kept: Kept, wanted: string, value: string | undefined): void {
  const holder = findExtension(element, kept.holder);
  const existing = rowOf(element, kept.holder, kept.property, kept.name, wanted);
  if (value === undefined || value === '') {
    if (holder === undefined || existing === undefined) return;
    const rest = list(holder, kept.property).filter((row) => row !== existing);
    const isEmpty = rest.length === 0 && (kept.holder !== MAPPING || list(holder, 'outputParameters').length === 0);
    if (isEmpty) removeExtension(services, element, holder);
    else services.modeling.updateModdleProperties(element, holder, { [kept.property]: rest });
    return;
  }
  if (existing !== undefined) {
    services.modeling.updateModdleProperties(element, existing, { [kept.value]: value });
    return;
  }
  const made = services.bpmnFactory.create(kept.row, { [kept.name]: wanted, [kept.value]: value });
  if (holder === undefined) {
    addExtension(services, element, kept.holder, { [kept.property]: [made] });
    const added = findExtension(element, kept.holder);
    if (added !== undefined) made.$parent = added;
    return;
  }
  made.$parent = holder;
  services.modeling.updateModdleProperties(element, holder, { [kept.property]: [...list(holder, kept.property), made] });
}

/** The task as the server reads it, for trying it out. */
export function drawnTask(element: DiagramElement): DrawnTask {
  const rows = (property: string): { target: string; source: string }[] =>
    list(findExtension(element, MAPPING), property).map((row) => ({ target: text(row.get('target')), source: text(row.get('source')) }));
  return {
    type: typeOf(element),
    elementId: element.id,
    name: text(element.businessObject.get('name')),
    inputs: rows('inputParameters'),
    outputs: rows('outputParameters'),
    headers: Object.fromEntries(list(findExtension(element, HEADERS), 'values').map((row) => [text(row.get('key')), text(row.get('value'))])),
    retries: readDefinition(element, 'retries'),
  };
}
