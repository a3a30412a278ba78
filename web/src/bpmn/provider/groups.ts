/** Our groups of the properties panel: site of a pool, performer, deadline, effects, data contract, point of no return. */
import { Group, ListGroup } from '@bpmn-io/properties-panel';

import type { Catalog, Choice } from './catalog';
import { attributeField, entry, itemField } from './entries';
import type { Entry } from './entries';
import type { DiagramElement, ModdleElement, Services } from './extensions';
import { addChild, addExtension, findExtension, removeChild, removeExtension } from './extensions';
import type { PanelText } from './texts';

export interface PanelGroup {
  id: string;
  label: string;
  component: unknown;
  shouldOpen?: boolean;
  entries?: Entry[];
  items?: object[];
  add?: (event: { stopPropagation(): void }) => void;
}
export interface Panel {
  services: Services;
  catalog: Catalog;
  say: (key: PanelText) => string;
  /** Opens the dialog that tries the task's connection; absent where that is not offered. */
  tryOut?: (element: DiagramElement) => void;
}

const FLOW_NODE = /^bpmn:(.*Task|.*Event|.*Gateway|SubProcess|CallActivity)$/;

export function isFlowNode(element: DiagramElement): boolean {
  return FLOW_NODE.test(element.type) && element.labelTarget === undefined;
}

function attribute(panel: Panel, type: string, name: string, label: PanelText, choices?: Choice[], help?: PanelText): Entry {
  const rest = {
    id: `${type.replace(':', '-')}-${name}`,
    label: panel.say(label),
    ...(choices === undefined ? {} : { choices }),
    ...(help === undefined ? {} : { description: panel.say(help) }),
  };
  return entry(attributeField(panel.services, type, name, rest));
}

function moments(panel: Panel): Choice[] {
  return [
    { value: 'enter', label: panel.say('onEnter') },
    { value: 'leave', label: panel.say('onLeave') },
  ];
}

export function siteGroup(panel: Panel): PanelGroup {
  const roles = [
    { value: 'main', label: panel.say('siteMain') },
    { value: 'partner', label: panel.say('sitePartner') },
  ];
  return {
    id: 'lianban-site',
    label: panel.say('site'),
    component: Group,
    entries: [
      attribute(panel, 'lianban:Site', 'role', 'siteRole', roles),
      attribute(panel, 'lianban:Site', 'source', 'siteSource', undefined, 'siteSourceHelp'),
    ],
  };
}

export function performerGroup(panel: Panel): PanelGroup {
  return {
    id: 'lianban-performer',
    label: panel.say('performer'),
    component: Group,
    entries: [
      attribute(panel, 'lianban:Performer', 'role', 'performerRole', panel.catalog.roles),
      attribute(panel, 'lianban:Performer', 'unit', 'performerUnit'),
    ],
  };
}

export function taskGroup(panel: Panel): PanelGroup {
  return {
    id: 'lianban-task',
    label: panel.say('task'),
    component: Group,
    entries: [
      attribute(panel, 'zeebe:FormDefinition', 'formId', 'form', panel.catalog.forms),
      attribute(panel, 'lianban:Deadline', 'policy', 'deadline', panel.catalog.policies, 'deadlineHelp'),
      attribute(panel, 'lianban:Deadline', 'stops', 'stops', panel.catalog.stopReasons),
      attribute(panel, 'lianban:Separation', 'from', 'separation', undefined, 'separationHelp'),
    ],
  };
}

export function effectsGroup(panel: Panel, element: DiagramElement): PanelGroup {
  const clocks = (['receive', 'start', 'stop', 'resume', 'end'] as const).map((value) => ({
    value,
    label: panel.say(`clock${value[0]?.toUpperCase() ?? ''}${value.slice(1)}` as PanelText),
  }));
  const entries = [
    attribute(panel, 'lianban:Status', 'code', 'status', panel.catalog.statuses),
    attribute(panel, 'lianban:Status', 'on', 'statusOn', moments(panel)),
    attribute(panel, 'lianban:Clock', 'action', 'clock', clocks),
    attribute(panel, 'lianban:Clock', 'reason', 'clockReason', panel.catalog.stopReasons),
    attribute(panel, 'lianban:Clock', 'on', 'clockOn', moments(panel)),
    attribute(panel, 'lianban:Document', 'code', 'document', panel.catalog.documents),
    attribute(panel, 'lianban:Document', 'on', 'documentOn', moments(panel)),
    attribute(panel, 'lianban:Supplement', 'source', 'supplement'),
    attribute(panel, 'lianban:Flag', 'code', 'flag', panel.catalog.flags),
    attribute(panel, 'lianban:PlainText', 'value', 'plainText'),
    attribute(panel, 'lianban:PlainText', 'valueEn', 'plainTextEn'),
    noReturnEntry(panel),
  ];
  if (element.type === 'bpmn:EndEvent') {
    entries.unshift(attribute(panel, 'lianban:Result', 'code', 'result', panel.catalog.results));
  }
  return { id: 'lianban-effects', label: panel.say('effects'), component: Group, entries };
}

function noReturnEntry(panel: Panel): Entry {
  return entry({
    id: 'lianban-no-return',
    label: panel.say('noReturn'),
    description: panel.say('noReturnHelp'),
    checkbox: true,
    read: (element) => findExtension(element, 'lianban:PointOfNoReturn') !== undefined,
    write: (element, value) => {
      const existing = findExtension(element, 'lianban:PointOfNoReturn');
      if (value === true && existing === undefined) addExtension(panel.services, element, 'lianban:PointOfNoReturn', {});
      if (value !== true && existing !== undefined) removeExtension(panel.services, element, existing);
    },
  });
}

interface ListSpec {
  id: string;
  label: PanelText;
  parent: string;
  property: string;
  child: string;
  fresh: object;
  title: (item: ModdleElement) => string;
  fields: { name: string; label: PanelText; checkbox?: boolean }[];
}

function listGroup(panel: Panel, element: DiagramElement, spec: ListSpec): PanelGroup {
  const parent = findExtension(element, spec.parent);
  const children = (parent?.get(spec.property) as ModdleElement[] | undefined) ?? [];
  return {
    id: spec.id,
    label: panel.say(spec.label),
    component: ListGroup,
    add: (event) => {
      event.stopPropagation();
      addChild(panel.services, element, spec.parent, spec.property, spec.child, spec.fresh);
    },
    items: children.map((item, index) => ({
      id: `${spec.id}-${String(index)}`,
      label: spec.title(item),
      entries: spec.fields.map((field) =>
        entry(
          itemField(panel.services, item, field.name, {
            id: `${spec.id}-${String(index)}-${field.name}`,
            label: panel.say(field.label),
            ...(field.checkbox === true ? { checkbox: true } : {}),
          }),
        ),
      ),
      remove: (event: { stopPropagation(): void }) => {
        event.stopPropagation();
        removeChild(panel.services, element, spec.parent, spec.property, item);
      },
    })),
  };
}

function titleOf(...names: string[]): (item: ModdleElement) => string {
  return (item) => {
    const found = names.map((name) => item.get(name)).find((value) => typeof value === 'string' && value !== '');
    return typeof found === 'string' ? found : '…';
  };
}

export function actionsGroup(panel: Panel, element: DiagramElement): PanelGroup {
  return listGroup(panel, element, {
    id: 'lianban-actions',
    label: 'actions',
    parent: 'lianban:Actions',
    property: 'values',
    child: 'lianban:Action',
    fresh: { value: 'ACTION', name: '提交' },
    title: titleOf('name', 'value'),
    fields: [
      { name: 'value', label: 'actionValue' },
      { name: 'name', label: 'actionName' },
      { name: 'nameEn', label: 'actionNameEn' },
      { name: 'primary', label: 'actionPrimary', checkbox: true },
      { name: 'danger', label: 'actionDanger', checkbox: true },
    ],
  });
}

export function contractGroups(panel: Panel, element: DiagramElement): PanelGroup[] {
  const shared = { parent: 'lianban:DataContract' };
  return [
    listGroup(panel, element, {
      ...shared,
      id: 'lianban-contract-fields',
      label: 'contract',
      property: 'fields',
      child: 'lianban:Field',
      fresh: { path: 'field' },
      title: titleOf('name', 'path'),
      fields: [
        { name: 'path', label: 'contractPath' },
        { name: 'name', label: 'contractName' },
        { name: 'required', label: 'contractRequired', checkbox: true },
      ],
    }),
    listGroup(panel, element, {
      ...shared,
      id: 'lianban-contract-materials',
      label: 'contractMaterials',
      property: 'materials',
      child: 'lianban:Material',
      fresh: { code: 'M1' },
      title: titleOf('code'),
      fields: [{ name: 'code', label: 'materialCode' }],
    }),
  ];
}
