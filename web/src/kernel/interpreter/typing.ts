import { FeelDate, FeelDateTime } from './calendar';
import type { TypeNode } from './syntax';
import { FeelFunction, FeelRange, type Kind, type Value, entry, isContext, isList, kindOf } from './values';

/** A type of FEEL (DMN 1.5, 10.3.2.9). `fits` of a named type may also check allowed values. */
export type Type =
  | { kind: 'any' }
  | { kind: 'simple'; is: Kind }
  | { kind: 'list'; of: Type }
  | { kind: 'range'; of: Type }
  | { kind: 'context'; entries: [string, Type][] }
  | { kind: 'function'; parameters: Type[] | null; result: Type | null }
  | { kind: 'restricted'; base: Type; allows: (value: Value) => boolean };

export const ANY: Type = { kind: 'any' };

const SIMPLE: Record<string, Kind> = {
  null: 'null', boolean: 'boolean', number: 'number', string: 'string', date: 'date', time: 'time',
  'date and time': 'date and time', dateTime: 'date and time', 'days and time duration': 'days and time duration',
  dayTimeDuration: 'days and time duration', 'years and months duration': 'years and months duration',
  yearMonthDuration: 'years and months duration',
};

/** A type of FEEL itself by name; null when there is none. */
export function builtInType(name: string): Type | null {
  if (Object.hasOwn(SIMPLE, name)) return { kind: 'simple', is: SIMPLE[name] as Kind };
  switch (name) {
    case 'Any': return ANY;
    case 'Null': return { kind: 'simple', is: 'null' };
    case 'list': return { kind: 'list', of: ANY };
    case 'range': return { kind: 'range', of: ANY };
    case 'context': return { kind: 'context', entries: [] };
    case 'function': return { kind: 'function', parameters: null, result: null };
    default: return null;
  }
}

/** Names of types beyond FEEL's own. */
export type Types = (name: string) => Type | null | undefined;

/** The type a tree of type names means; null when one of them is unknown. */
export function resolveType(node: TypeNode, types: Types): Type | null {
  if ('name' in node) return types(node.name) ?? builtInType(node.name);
  if ('list' in node || 'range' in node) {
    const of = resolveType('list' in node ? node.list : node.range, types);
    return of && { kind: 'list' in node ? 'list' : 'range', of };
  }
  if ('context' in node) {
    const entries: [string, Type][] = [];
    for (const [name, inner] of node.context) {
      const type = resolveType(inner, types);
      if (!type) return null;
      entries.push([name, type]);
    }
    return { kind: 'context', entries };
  }
  const parameters = node.parameters.map((each) => resolveType(each, types));
  const result = resolveType(node.result, types);
  return parameters.includes(null) || !result ? null : { kind: 'function', parameters: parameters as Type[], result };
}

/** Whether a value is of a type. Null is of type Null and, as the members of others, of any. */
export function isOfType(value: Value, type: Type): boolean {
  switch (type.kind) {
    case 'any': return value !== null && value !== undefined;
    case 'simple': return kindOf(value) === type.is;
    case 'list': return isList(value) && value.every((item) => conforms(item, type.of));
    case 'range': return value instanceof FeelRange && [value.start, value.end].every((end) => conforms(end, type.of));
    case 'context': return isContext(value) && type.entries.every(([name, inner]) => conforms(entry(value, name) ?? null, inner) && Object.hasOwn(value, name));
    case 'function': return value instanceof FeelFunction && functionFits(value, type);
    case 'restricted': return isOfType(value, type.base) && type.allows(value);
  }
}

/** Types of a function's parameters and result where they were declared. */
export const signatures = new WeakMap<FeelFunction, { parameters: (Type | null)[]; result: Type | null }>();

function functionFits(value: FeelFunction, type: Type & { kind: 'function' }): boolean {
  if (!type.parameters) return true;
  const { parameters } = value;
  if (parameters && parameters.length !== type.parameters.length) return false;
  const signature = signatures.get(value);
  if (!signature) return true;
  // Contravariant in the parameters, covariant in the result.
  const accepts = type.parameters.every((wanted, index) => {
    const declared = signature.parameters[index];
    return !declared || subtype(wanted, declared);
  });
  return accepts && (!signature.result || !type.result || subtype(signature.result, type.result));
}

/** Whether every value of `a` is one of `b`. */
export function subtype(a: Type, b: Type): boolean {
  if (b.kind === 'any' || a === b) return true;
  if (a.kind === 'simple' && a.is === 'null') return true;
  if (a.kind === 'restricted') return subtype(a.base, b);
  if (a.kind === 'simple' && b.kind === 'simple') return a.is === b.is;
  if ((a.kind === 'list' && b.kind === 'list') || (a.kind === 'range' && b.kind === 'range')) return subtype(a.of, b.of);
  if (a.kind === 'context' && b.kind === 'context') {
    return b.entries.every(([name, type]) => a.entries.some(([own, inner]) => own === name && subtype(inner, type)));
  }
  return a.kind === 'function' && b.kind === 'function';
}

function conforms(value: Value, type: Type): boolean {
  return value === null || value === undefined || isOfType(value, type);
}

/** The value as one of the type (10.3.2.9.4): a list of one and its item stand for each other; otherwise null. */
export function coerced(value: Value, type: Type): Value {
  if (value === null || value === undefined) return null;
  if (isOfType(value, type)) return value;
  if (type.kind === 'list' && !isList(value)) {
    const item = coerced(value, type.of);
    return item === null ? null : [item];
  }
  if (type.kind === 'simple' && type.is === 'date and time' && value instanceof FeelDate) return FeelDateTime.ofDate(value);
  if (isList(value) && value.length === 1 && type.kind !== 'list') return coerced(value[0], type);
  if (type.kind === 'restricted') {
    const base = coerced(value, type.base);
    return base !== null && type.allows(base) ? base : null;
  }
  return null;
}
