import { type Scope, evaluateIn, scopeOf } from './feel';
import {
  type Choice, type Component, type FormSchema, assertionsOf, bindingOf, computeSource, declaredKeys, feel, fixedOptions,
  isChoice, own, ownFlag, ownNumber, valueTypeOf,
} from './schema';
import { plain, todayOf } from './temporal';
import type { FieldError, FieldState, FormResult, FormState, Json, JsonObject, KernelContext } from './types';
import { checkValue, isEmpty, normalise } from './values';

/** The form itself is wrong (a broken expression, values that never settle): not something the person can mend. */
export class FormBroken extends Error {
  constructor(readonly component: string, message: string) {
    super(`${component}: ${message}`);
    this.name = 'FormBroken';
  }
}

/** Rounds until computed values and hidden fields no longer change each other. */
const SETTLE_ROUNDS = 12;
const ROW_LIMIT = 200;
const DATALESS = new Set(['text', 'separator', 'spacer', 'group']);

/** A component at one place of the data. */
interface Place {
  component: Component;
  pointer: string;
  container: JsonObject;
  binding: string | undefined;
  /** Variables of the row on top of the form's; undefined at the top level. */
  row?: { data: JsonObject; index: number };
  children: Place[];
  rows: Place[][];
  hidden: boolean;
}

export function escapePointer(key: string): string {
  return key.replace(/~/g, '~0').replace(/\//g, '~1');
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lays components over a copy of the data, so that each place can be read, computed and dropped. */
class Layout {
  readonly root: JsonObject = {};
  readonly places: Place[];
  readonly errors: FieldError[] = [];

  constructor(schema: FormSchema, data: Json, private readonly variables: KernelContext) {
    const source = isObject(data) ? data : {};
    if (!isObject(data)) this.fail('', 'wrong_type', { expected: 'object' });
    this.unknown(schema.components, source, '');
    this.places = this.lay(schema.components, source, this.root, '', undefined);
  }

  fail(path: string, code: string, params: JsonObject = {}): void {
    this.errors.push({ path, code, params });
  }

  private unknown(components: readonly Component[], source: JsonObject, path: string): void {
    const keys = declaredKeys(components);
    for (const key of Object.keys(source)) {
      if (!keys.has(key)) this.fail(`${path}/${escapePointer(key)}`, 'unknown_field');
    }
  }

  private lay(components: readonly Component[], source: JsonObject, target: JsonObject, path: string, row: Place['row']): Place[] {
    return components.map((component) => {
      const binding = bindingOf(component);
      const place: Place = {
        component,
        pointer: binding ? `${path}/${escapePointer(binding)}` : `${path}#${component.id}`,
        container: target,
        binding,
        ...(row ? { row } : {}),
        children: [],
        rows: [],
        hidden: false,
      };
      if (component.type === 'dynamiclist' && binding) this.layRows(place, source[binding], target);
      else if (component.components) this.layGroup(place, source, target, path, row);
      else if (binding && !DATALESS.has(component.type)) target[binding] = normalise(component, source[binding]);
      return place;
    });
  }

  private layGroup(place: Place, source: JsonObject, target: JsonObject, path: string, row: Place['row']): void {
    const { component, binding } = place;
    const components = component.components ?? [];
    if (!binding) {
      place.children = this.lay(components, source, target, path, row);
      return;
    }
    const value = source[binding];
    const inner = isObject(value) ? value : {};
    if (value !== undefined && value !== null && !isObject(value)) this.fail(place.pointer, 'wrong_type', { expected: 'object' });
    this.unknown(components, inner, place.pointer);
    const copy: JsonObject = {};
    target[binding] = copy;
    place.children = this.lay(components, inner, copy, place.pointer, row);
  }

  private layRows(place: Place, value: Json | undefined, target: JsonObject): void {
    const { component, binding, pointer } = place;
    const components = component.components ?? [];
    const copies: JsonObject[] = [];
    if (binding) target[binding] = copies;
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) return this.fail(pointer, 'wrong_type', { expected: 'list' });
    const max = ownNumber(component, 'maxItems') ?? ROW_LIMIT;
    if (value.length > max) this.fail(pointer, 'too_many_items', { max });
    value.slice(0, max).forEach((entry, index) => {
      const at = `${pointer}/${String(index)}`;
      const copy: JsonObject = {};
      copies.push(copy);
      if (!isObject(entry)) this.fail(at, 'wrong_type', { expected: 'object' });
      const source = isObject(entry) ? entry : {};
      this.unknown(components, source, at);
      place.rows.push(this.lay(components, source, copy, at, { data: copy, index }));
    });
  }

  *all(places: readonly Place[] = this.places): Generator<Place> {
    for (const place of places) {
      yield place;
      yield* this.all(place.children);
      for (const row of place.rows) yield* this.all(row);
    }
  }

  /** Copy of the data without what is hidden. */
  visible(): JsonObject {
    return this.project(this.places, this.root, {});
  }

  private project(places: readonly Place[], source: JsonObject, target: JsonObject): JsonObject {
    for (const place of places) {
      if (place.hidden) continue;
      const { binding } = place;
      if (!binding) {
        this.project(place.children, source, target);
      } else if (place.component.type === 'dynamiclist') {
        target[binding] = place.rows.map((row) => this.project(row, row[0]?.container ?? {}, {}));
      } else if (place.component.type === 'group') {
        target[binding] = this.project(place.children, source[binding] as JsonObject, {});
      } else if (!DATALESS.has(place.component.type)) {
        target[binding] = source[binding] ?? null;
      }
    }
    return target;
  }

  scopes(): (place: Place) => Scope {
    const data = this.visible();
    const { now, workCalendar } = this.variables;
    const base = scopeOf({ ...this.variables, ...data, ...(now ? { now } : {}), ...(workCalendar ? { workCalendar } : {}) });
    const rows = new Map<JsonObject, Scope>();
    const own = new Map<JsonObject, JsonObject>();
    const index = (places: readonly Place[]): void => {
      for (const place of places) {
        index(place.children);
        for (const row of place.rows) {
          const container = row[0]?.container;
          if (container) own.set(container, place.hidden ? {} : this.project(row, container, {}));
          index(row);
        }
      }
    };
    index(this.places);
    return (place) => {
      if (!place.row) return base;
      let scope = rows.get(place.row.data);
      if (!scope) {
        const row = own.get(place.row.data) ?? {};
        scope = { ...base, variables: { ...base.variables, ...row, this: row, parent: data, i: place.row.index + 1 } };
        rows.set(place.row.data, scope);
      }
      return scope;
    };
  }
}

function run(place: Place, source: string, scope: Scope): Json {
  const result = evaluateIn({ id: place.component.id, source: feel(source) }, scope);
  if (result.error) throw new FormBroken(place.component.id, `${source}: ${result.error.message}`);
  return plain(result.value);
}

/** Hides and computes until nothing changes any more. */
function settle(layout: Layout): void {
  const places = [...layout.all()];
  const active = places.filter((place) => place.component.conditional?.hide || computeSource(place.component));
  const nested = places.filter((place) => place.children.length > 0 || place.rows.length > 0);
  for (let round = 0; round < SETTLE_ROUNDS; round += 1) {
    let changed = false;
    const scopes = layout.scopes();
    const own = new Map<Place, boolean>();
    for (const place of active) {
      const { component, binding, container } = place;
      if (component.conditional?.hide) own.set(place, run(place, component.conditional.hide, scopes(place)) === true);
      const source = computeSource(component);
      if (source && binding) {
        const value = run(place, source, scopes(place));
        if (JSON.stringify(container[binding] ?? null) !== JSON.stringify(value)) {
          container[binding] = value;
          changed = true;
        }
      }
    }
    const setHidden = (list: readonly Place[], parent: boolean): void => {
      for (const place of list) {
        const hidden = parent || (own.get(place) ?? false);
        if (hidden !== place.hidden) changed = true;
        place.hidden = hidden;
        if (nested.includes(place)) {
          setHidden(place.children, hidden);
          for (const row of place.rows) setHidden(row, hidden);
        }
      }
    };
    setHidden(layout.places, false);
    if (!changed) return;
  }
  throw new FormBroken('form', `computed values and conditions do not settle in ${String(SETTLE_ROUNDS)} rounds`);
}

function isRequired(place: Place, scope: Scope): boolean {
  if (place.component.validate?.required) return true;
  const source = own(place.component, 'requiredIf');
  return source !== undefined && run(place, source, scope) === true;
}

function isReadonly(place: Place, scope: Scope): boolean {
  const { component } = place;
  if (computeSource(component) || component.disabled) return true;
  if (typeof component.readonly === 'string') return run(place, component.readonly, scope) === true;
  return component.readonly === true;
}

function optionsOf(place: Place, scope: Scope): Choice[] | undefined {
  const { component } = place;
  if (!isChoice(component)) return undefined;
  if (!component.valuesExpression) return fixedOptions(component);
  const value = run(place, component.valuesExpression, scope);
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry) => {
    if (typeof entry === 'string') return [{ value: entry, label: entry }];
    if (isObject(entry) && typeof entry.value === 'string') {
      return [{ value: entry.value, label: typeof entry.label === 'string' ? entry.label : entry.value }];
    }
    return [];
  });
}

function bound(place: Place, limit: number | string | undefined, scope: Scope): Json | undefined {
  if (typeof limit !== 'string') return limit;
  return limit.trim().startsWith('=') ? run(place, limit, scope) : limit.trim() || undefined;
}

/** A form laid over its data, hidden and computed worked out. */
function settled(schema: FormSchema, data: Json, context: KernelContext): { layout: Layout; scopes: (place: Place) => Scope } {
  const layout = new Layout(schema, data, context);
  settle(layout);
  return { layout, scopes: layout.scopes() };
}

function stateOf(layout: Layout, scopes: (place: Place) => Scope): FormState {
  const fields: Record<string, FieldState> = {};
  for (const place of layout.all()) {
    const state: FieldState = { visible: !place.hidden, required: false, readonly: false };
    fields[place.pointer] = state;
    if (place.hidden) continue;
    const scope = scopes(place);
    if (!place.component.components || place.component.type === 'dynamiclist') state.required = isRequired(place, scope);
    state.readonly = isReadonly(place, scope);
    if (computeSource(place.component) && place.binding) state.computed = place.container[place.binding] ?? null;
    if (place.component.valuesExpression) {
      const options = optionsOf(place, scope);
      if (options) state.options = options;
    }
  }
  return { fields, data: layout.visible() };
}

function checkUnique(layout: Layout, place: Place): void {
  for (const component of place.component.components ?? []) {
    if (!ownFlag(component, 'unique')) continue;
    const seen = new Set<string>();
    for (const row of place.rows) {
      for (const cell of layout.all(row)) {
        if (cell.component !== component || cell.hidden || !cell.binding) continue;
        const value = cell.container[cell.binding];
        if (isEmpty(value)) continue;
        const key = JSON.stringify(value);
        if (seen.has(key)) layout.fail(cell.pointer, 'duplicate_in_list');
        seen.add(key);
      }
    }
  }
}

function requiredCode(component: Component): string {
  if (component.type === 'checkbox') return 'required_tick';
  if (component.type === 'filepicker') return 'required_file';
  return isChoice(component) || valueTypeOf(component) === 'region6' ? 'required_choice' : 'required';
}

function checkList(layout: Layout, place: Place, required: boolean): void {
  const min = ownNumber(place.component, 'minItems') ?? (required ? 1 : 0);
  if (place.rows.length < min) layout.fail(place.pointer, place.rows.length === 0 ? 'required_rows' : 'too_few_items', { min });
  checkUnique(layout, place);
}

function checkPlace(layout: Layout, place: Place, scope: Scope, context: KernelContext): void {
  const { component, binding, container, pointer } = place;
  const dataless = DATALESS.has(component.type) || !binding;
  if (component.type === 'dynamiclist') checkList(layout, place, isRequired(place, scope));
  else if (!dataless && component.type !== 'expression') {
    const value = container[binding] ?? null;
    const required = isRequired(place, scope);
    if (isEmpty(value) || (component.type === 'checkbox' && value === false)) {
      if (required) layout.fail(pointer, requiredCode(component));
    } else if (!computeSource(component)) {
      const finding = checkValue(component, value, {
        today: () => todayOf(context),
        options: optionsOf(place, scope),
        min: bound(place, component.validate?.min, scope),
        max: bound(place, component.validate?.max, scope),
      });
      if (finding) layout.fail(pointer, finding.code, finding.params ?? {});
    }
  }
}

function checkAssertions(layout: Layout, place: Place, scope: Scope): void {
  if (layout.errors.some((error) => error.path === place.pointer)) return;
  for (const assertion of assertionsOf(place.component)) {
    // Null means that a field it needs is empty: that field's own rule speaks, not this one.
    if (run(place, assertion.source, scope) !== false) continue;
    const params: JsonObject = {};
    if (assertion.text) params.text = assertion.text;
    if (assertion.textEn) params.textEn = assertion.textEn;
    layout.fail(place.pointer, assertion.code, params);
  }
}

function resultOf(layout: Layout, scopes: (place: Place) => Scope, context: KernelContext): FormResult {
  for (const place of layout.all()) {
    if (place.hidden) continue;
    const scope = scopes(place);
    checkPlace(layout, place, scope, context);
    checkAssertions(layout, place, scope);
  }
  return { errors: layout.errors, data: layout.visible() };
}

/** Visible, required, read-only, computed and choices of every place, for the page that shows the form. */
export function computeForm(schema: FormSchema, data: Json, context: KernelContext): FormState {
  const { layout, scopes } = settled(schema, data, context);
  return stateOf(layout, scopes);
}

/** All that is wrong with the data, and what would be accepted of it. */
export function validateForm(schema: FormSchema, data: Json, context: KernelContext): FormResult {
  const { layout, scopes } = settled(schema, data, context);
  return resultOf(layout, scopes, context);
}

/** Both at once, for a page that shows a form being filled in. */
export function reviewForm(schema: FormSchema, data: Json, context: KernelContext): { state: FormState; result: FormResult } {
  const { layout, scopes } = settled(schema, data, context);
  return { state: stateOf(layout, scopes), result: resultOf(layout, scopes, context) };
}
