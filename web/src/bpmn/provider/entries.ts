/** Entries of the properties panel over one attribute of one extension element. */
import {
  CheckboxEntry,
  FeelEntry,
  FeelTextAreaEntry,
  SelectEntry,
  TextFieldEntry,
  isCheckboxEntryEdited,
  isFeelEntryEdited,
  isSelectEntryEdited,
  isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useService } from 'bpmn-js-properties-panel';

import type { Choice } from './catalog';
import type { DiagramElement, ModdleElement, Services } from './extensions';
import { findExtension, setExtension } from './extensions';

export interface Entry {
  id: string;
  component: (props: EntryProps) => unknown;
  isEdited: (node: unknown) => boolean;
  field?: Field;
  action?: Action;
}

/** What the panel hands to an entry's component: the entry's own members and the element. */
export interface EntryProps {
  element: DiagramElement;
  id: string;
  field?: Field;
  action?: Action;
}

/** A button in the panel. */
export interface Action {
  label: string;
  run: (element: DiagramElement) => void;
}

export interface Field {
  id: string;
  label: string;
  description?: string;
  choices?: Choice[];
  /** A checkbox writes true or removes the attribute. */
  checkbox?: boolean;
  /** An expression: always (`required`), or where it begins with `=` (`optional`). */
  feel?: 'required' | 'optional';
  /** Room for several lines of an expression. */
  area?: boolean;
  /** Words for no choice. */
  none?: string;
  /** What is wrong with a value; it is kept all the same. */
  validate?: (value: string) => string | undefined;
  read: (element: DiagramElement) => unknown;
  write: (element: DiagramElement, value: unknown) => void;
}

function editorOf(field: Field): { component: unknown; isEdited: (node: unknown) => boolean } {
  if (field.checkbox === true) return { component: CheckboxEntry, isEdited: isCheckboxEntryEdited };
  if (field.feel !== undefined) return { component: field.area === true ? FeelTextAreaEntry : FeelEntry, isEdited: isFeelEntryEdited };
  if (field.choices !== undefined) return { component: SelectEntry, isEdited: isSelectEntryEdited };
  return { component: TextFieldEntry, isEdited: isTextFieldEntryEdited };
}

/** An entry for a field; a chosen value that the catalogue does not know stays selectable. */
export function entry(field: Field): Entry {
  return { id: field.id, isEdited: editorOf(field).isEdited, component: FieldEntry, field };
}

/** One component for all fields: it stays the same when the groups are made anew, so that the cursor stays where it is. */
function FieldEntry(props: EntryProps): unknown {
  const debounce = useService('debounceInput');
  const { field } = props;
  if (field === undefined) return null;
  const { validate } = field;
  return h(editorOf(field).component, {
    element: props.element,
    id: field.id,
    label: field.label,
    description: field.description,
    debounce,
    ...(field.feel === undefined ? {} : { feel: field.feel }),
    ...(validate === undefined ? {} : { validate: (value: unknown) => validate(typeof value === 'string' ? value : '') }),
    getOptions: () => options(field, props.element),
    getValue: () => field.read(props.element) ?? (field.checkbox === true ? false : ''),
    setValue: (value: unknown) => {
      field.write(props.element, value === '' || value === '=' || value === false ? undefined : value);
    },
  });
}

/** An entry that is a button. */
export function actionEntry(id: string, action: Action): Entry {
  return { id, isEdited: () => false, component: ActionEntry, action };
}

function ActionEntry({ element, id, action }: EntryProps): unknown {
  if (action === undefined) return null;
  const button = h('button', { type: 'button', class: 'lb-panel-button', onClick: () => action.run(element) }, action.label);
  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id }, button);
}

function options(field: Field, element: DiagramElement): Choice[] {
  const read = field.read(element);
  const current = typeof read === 'string' ? read : '';
  const choices = field.choices ?? [];
  const known = current === '' || choices.some((choice) => choice.value === current);
  return [{ value: '', label: field.none ?? '—' }, ...choices, ...(known ? [] : [{ value: current, label: current }])];
}

/** A field bound to an attribute of the element's single extension of a type. */
export function attributeField(
  services: Services,
  type: string,
  attribute: string,
  rest: Omit<Field, 'read' | 'write'>,
): Field {
  return {
    ...rest,
    read: (element) => findExtension(element, type)?.get(attribute),
    write: (element, value) => {
      setExtension(services, element, type, { [attribute]: value });
    },
  };
}

/** A field bound to an attribute of one given moddle element (an item of a list). */
export function itemField(
  services: Services,
  item: ModdleElement,
  attribute: string,
  rest: Omit<Field, 'read' | 'write'>,
): Field {
  return {
    ...rest,
    read: () => item.get(attribute),
    write: (element, value) => {
      services.modeling.updateModdleProperties(element, item, { [attribute]: value });
    },
  };
}
