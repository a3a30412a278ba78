import type { Locale, Translate } from '../../i18n';
import type { FormsTextKey } from '../../i18n/forms';
import { type Component, type FormSchema, type Json, type JsonObject, bindingOf, escapePointer, own } from '../../kernel';

function parts(pointer: string): string[] {
  return pointer.split('/').slice(1).map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

/** Value at a JSON pointer, undefined where there is none. */
export function valueAt(data: Json, pointer: string): Json | undefined {
  let value: Json | undefined = data;
  for (const part of parts(pointer)) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (typeof value === 'object' && value !== null) value = value[part];
    else return undefined;
  }
  return value;
}

function replaced(value: Json | undefined, path: readonly string[], next: Json | undefined): Json | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return next;
  if (Array.isArray(value)) {
    const copy = [...value];
    copy[Number(head)] = replaced(copy[Number(head)], rest, next) ?? null;
    return copy;
  }
  const copy: JsonObject = typeof value === 'object' && value !== null ? { ...value } : {};
  const inner = replaced(copy[head], rest, next);
  if (inner === undefined) return Object.fromEntries(Object.entries(copy).filter(([key]) => key !== head));
  copy[head] = inner;
  return copy;
}

/** A copy of the data with another value at a pointer; undefined takes the key away. */
export function withValue(data: JsonObject, pointer: string, next: Json | undefined): JsonObject {
  return replaced(data, parts(pointer), next) as JsonObject;
}

/** Label of a component in a language; the component's id when it has none. */
export function labelOf(component: Component, locale: 'zh' | 'en'): string {
  const english = locale === 'en' ? own(component, 'labelEn') : undefined;
  return english ?? component.label ?? component.dateLabel ?? component.timeLabel ?? component.id;
}

/** Does a group only hold a list of its own name? Then the name is said once. */
export function isNamedByList(group: Component, locale: Locale): boolean {
  return (group.components ?? []).some((each) => each.type === 'dynamiclist' && labelOf(each, locale) === labelOf(group, locale));
}

/** What a row of a list is called (迁移人), undefined when the form does not say. */
export function itemNameOf(list: Component, locale: Locale): string | undefined {
  return (locale === 'en' ? own(list, 'itemLabelEn') : undefined) ?? own(list, 'itemLabel');
}

/** Heading of a row: 迁移人 1, or 第 1 条. */
export function rowName(list: Component | undefined, index: number, locale: Locale, t: Translate<FormsTextKey>): string {
  const item = list ? itemNameOf(list, locale) : undefined;
  return item ? t('list.itemNamed', { item, n: index + 1 }) : t('list.item', { n: index + 1 });
}

/** Components by pointer pattern (`/movers/0/idNo`), for texts about errors. */
export function componentAt(schema: FormSchema, pointer: string): Component | undefined {
  let level: readonly Component[] = schema.components;
  let found: Component | undefined;
  for (const part of parts(pointer)) {
    if (/^\d+$/.test(part)) continue;
    found = findIn(level, part);
    level = found?.components ?? [];
  }
  return found;
}

function findIn(components: readonly Component[], key: string): Component | undefined {
  for (const component of components) {
    const binding = bindingOf(component);
    if (binding === key) return component;
    if (!binding && component.components) {
      const inner = findIn(component.components, key);
      if (inner) return inner;
    }
  }
  return undefined;
}

/** Pointer of a component below a path: its key, or `#id` for what keeps no data. */
export function pointerOf(component: Component, path: string): string {
  const binding = bindingOf(component);
  return binding ? `${path}/${escapePointer(binding)}` : `${path}#${component.id}`;
}
