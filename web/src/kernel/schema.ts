import { codeOptions } from './codes';
import type { RegionLevel } from './checks';
import type { JsonObject } from './types';

export type ComponentType =
  | 'textfield' | 'textarea' | 'number' | 'datetime' | 'select' | 'radio' | 'checkbox' | 'checklist' | 'dynamiclist'
  | 'group' | 'text' | 'filepicker' | 'expression' | 'separator' | 'spacer';

export interface Choice {
  value: string;
  label: string;
}

/** One component of a form-js schema, in the dialect of docs/forms.md. */
export interface Component {
  id: string;
  type: ComponentType;
  key?: string;
  path?: string;
  label?: string;
  dateLabel?: string;
  timeLabel?: string;
  description?: string;
  text?: string;
  subtype?: 'date' | 'datetime' | 'time';
  components?: Component[];
  values?: Choice[];
  valuesExpression?: string;
  expression?: string;
  readonly?: boolean | string;
  disabled?: boolean;
  multiple?: boolean;
  accept?: string;
  decimalDigits?: number;
  defaultValue?: unknown;
  validate?: {
    required?: boolean;
    minLength?: number | string;
    maxLength?: number | string;
    min?: number | string;
    max?: number | string;
    pattern?: string;
    patternErrorMessage?: string;
    validationType?: 'email' | 'phone' | 'custom' | '';
  };
  conditional?: { hide?: string };
  properties?: Record<string, string>;
}

export interface FormSchema {
  id?: string;
  type?: string;
  schemaVersion?: number;
  components: Component[];
}

/** Kinds of text with a meaning of their own: `lianban:type`. */
export type ValueType =
  | 'idcard' | 'uscc' | 'mobile' | 'region6' | 'address' | 'money' | 'personName' | 'bankAccount' | 'certIdentifier';

/** Our property of a component, without its prefix. */
export function own(component: Component, name: string): string | undefined {
  const value = component.properties?.[`lianban:${name}`];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

export function ownFlag(component: Component, name: string): boolean {
  return own(component, name) === 'true';
}

export function ownNumber(component: Component, name: string): number | undefined {
  const value = own(component, name);
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** FEEL source of a property: with or without the leading `=`. */
export function feel(value: string): string {
  return value.replace(/^\s*=/, '').trim();
}

export function valueTypeOf(component: Component): ValueType | undefined {
  return own(component, 'type') as ValueType | undefined;
}

export function regionLevelOfField(component: Component): RegionLevel | undefined {
  return own(component, 'regionLevel') as RegionLevel | undefined;
}

/** FEEL that computes the value, for components whose value nobody types. */
export function computeSource(component: Component): string | undefined {
  const source = component.type === 'expression' ? component.expression : own(component, 'compute');
  return source ? feel(source) : undefined;
}

export interface Assertion {
  source: string;
  code: string;
  text?: string;
  textEn?: string;
}

/** Cross-field rules of a component: `lianban:assert`, `lianban:assert.2`, … with their codes and texts. */
export function assertionsOf(component: Component): Assertion[] {
  const result: Assertion[] = [];
  for (const [property, value] of Object.entries(component.properties ?? {})) {
    const match = /^lianban:assert(\.\d+)?$/.exec(property);
    if (!match || !value.trim()) continue;
    const suffix = match[1] ?? '';
    const text = own(component, `assertText${suffix}`);
    const textEn = own(component, `assertTextEn${suffix}`);
    result.push({
      source: feel(value),
      code: own(component, `assertCode${suffix}`) ?? 'rule_broken',
      ...(text ? { text } : {}),
      ...(textEn ? { textEn } : {}),
    });
  }
  return result;
}

/** Key or path under which a component keeps its value in the data of its scope. */
export function bindingOf(component: Component): string | undefined {
  return component.type === 'dynamiclist' || component.type === 'group' ? component.path || undefined : component.key;
}

/** Choices fixed by the schema: its own list or a code table. */
export function fixedOptions(component: Component): Choice[] | undefined {
  const table = own(component, 'options');
  if (table) return codeOptions(table);
  return component.values;
}

export function isChoice(component: Component): boolean {
  return component.type === 'select' || component.type === 'radio' || component.type === 'checklist';
}

/** Keys declared at one level of the data: groups without a path lie flat in their scope. */
export function declaredKeys(components: readonly Component[]): Map<string, Component> {
  const keys = new Map<string, Component>();
  for (const component of components) {
    const binding = bindingOf(component);
    if (binding) keys.set(binding, component);
    else if (component.components) {
      for (const [key, inner] of declaredKeys(component.components)) keys.set(key, inner);
    }
  }
  return keys;
}

export type Data = JsonObject;
