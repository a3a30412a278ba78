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
  component: (props: { element: DiagramElement; id: string }) => unknown;
  isEdited: (node: unknown) => boolean;
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

export function useServices(): Services {
  return {
    modeling: useService('modeling') as Services['modeling'],
    bpmnFactory: useService('bpmnFactory') as Services['bpmnFactory'],
  };
}

function editorOf(field: Field): { component: unknown; isEdited: (node: unknown) => boolean } {
  if (field.checkbox === true) return { component: CheckboxEntry, isEdited: isCheckboxEntryEdited };
  if (field.feel !== undefined) return { component: field.area === true ? FeelTextAreaEntry : FeelEntry, isEdited: isFeelEntryEdited };
  if (field.choices !== undefined) return { component: SelectEntry, isEdited: isSelectEntryEdited };
  return { component: TextFieldEntry, isEdited: isTextFieldEntryEdited };
}

/** An entry for a field; a chosen value that the catalogue does not know stays selectable. */
export function entry(field: Field): Entry {
  const { component, isEdited } = editorOf(field);
  return {
    id: field.id,
    isEdited,
    component: function FieldEntry(props) {
      const debounce = useService('debounceInput');
      return h(component, {
        element: props.element,
        id: field.id,
        label: field.label,
        description: field.description,
        debounce,
        ...(field.feel === undefined ? {} : { feel: field.feel }),
        ...(field.validate === undefined ? {} : { validate: (value: unknown) => field.validate?.(typeof value === 'string' ? value : '') }),
        getOptions: () => options(field, props.element),
        getValue: () => field.read(props.element) ?? (field.checkbox === true ? false : ''),
        setValue: (value: unknown) => {
          field.write(props.element, value === '' || value === '=' || value === false ? undefined : value);
        },
      });
    },
  };
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
