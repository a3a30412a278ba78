import { FeelDate, FeelDateTime, FeelTime, MonthsDuration, TimeDuration, parseDate, parseDateTime, parseDuration } from './calendar';
import { compareNumbers, isNumber } from './decimal';
import { run } from './limits';

/** A value of FEEL: null, boolean, string, Num, the temporal classes, a list, a context, a range, a function. */
export type Value = unknown;
export type List = readonly Value[];
export type Context = { readonly [key: string]: Value };

export type Kind =
  | 'null' | 'boolean' | 'number' | 'string' | 'date' | 'time' | 'date and time' | 'days and time duration'
  | 'years and months duration' | 'list' | 'context' | 'range' | 'function';

/** How a range was written when not with two ends: `(< 5)`, `(= 5)`, `(!= 5)`. */
export type Comparison = '<' | '<=' | '>' | '>=' | '=' | '!=';

export class FeelRange {
  constructor(
    readonly start: Value, readonly end: Value, readonly startIncluded: boolean, readonly endIncluded: boolean,
    readonly operator: Comparison | null = null,
  ) {}
}

/** Parameters of a function as named arguments see them. */
export interface Parameter {
  name: string;
  optional?: boolean;
}

export class FeelFunction {
  /** `parameters` null: any number, in order only. `call` answers null for arguments that do not fit. */
  constructor(readonly parameters: readonly Parameter[] | null, readonly call: (args: Value[]) => Value, readonly byName?: (args: Context) => Value) {}
}

export function isContext(value: Value): value is Context {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

export function isList(value: Value): value is List {
  return Array.isArray(value);
}

export function entry(context: Context, key: string): Value {
  return Object.hasOwn(context, key) ? context[key] : undefined;
}

/** Sets an entry, whatever its key is called. */
export function put(context: Record<string, Value>, key: string, value: Value): void {
  if (key === '__proto__') Object.defineProperty(context, key, { value, enumerable: true, configurable: true, writable: true });
  else context[key] = value;
}

export function kindOf(value: Value): Kind {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'boolean': return 'boolean';
    case 'string': return 'string';
    case 'number': return 'number';
    default:
  }
  if (Array.isArray(value)) return 'list';
  if (isNumber(value)) return 'number';
  if (value instanceof FeelDate) return 'date';
  if (value instanceof FeelDateTime) return 'date and time';
  if (value instanceof FeelTime) return 'time';
  if (value instanceof TimeDuration) return 'days and time duration';
  if (value instanceof MonthsDuration) return 'years and months duration';
  if (value instanceof FeelRange) return 'range';
  return value instanceof FeelFunction ? 'function' : 'context';
}

function readLike(text: string, like: Kind): Value {
  if (like === 'date') return parseDate(text);
  if (like === 'date and time') return text.includes('T') ? parseDateTime(text, true) : null;
  return like.endsWith('duration') ? parseDuration(text, true) : null;
}

/** In the dialect a text beside a date, date-time or duration is read as one when it is written as one. */
function aligned(a: Value, b: Value): [Value, Value] {
  if (run.lenient) {
    if (typeof a === 'string' && typeof b === 'object' && b !== null) return [readLike(a, kindOf(b)) ?? a, b];
    if (typeof b === 'string' && typeof a === 'object' && a !== null) return [a, readLike(b, kindOf(a)) ?? b];
  }
  return [a, b];
}

const MILLI = 1_000_000n;

function milliseconds(nanos: bigint): bigint {
  return nanos / MILLI - (nanos % MILLI < 0n ? 1n : 0n);
}

function sign(a: bigint | number | string, b: bigint | number | string): number {
  return a < b ? -1 : Number(a > b);
}

function compareTimes(a: FeelTime, b: FeelTime): number | null {
  if (a.zone === b.zone) return sign(a.second * 1000 + Math.floor(a.nano / 1e6), b.second * 1000 + Math.floor(b.nano / 1e6));
  if (a.zone === null || b.zone === null) return null;
  const at = (time: FeelTime): number => (time.second - (time.offset ?? 0)) * 1000 + Math.floor(time.nano / 1e6);
  return sign(at(a), at(b));
}

function compareDateTimes(a: FeelDateTime, b: FeelDateTime): number | null {
  if ((a.time.zone === null) !== (b.time.zone === null)) return null;
  return sign(milliseconds(a.nanos), milliseconds(b.nanos));
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  // Code points, not UTF-16 units: a rare character comes after U+FFFF.
  for (let index = 0; ; ) {
    const [left, right] = [a.codePointAt(index), b.codePointAt(index)];
    if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1;
    if (left !== right) return left < right ? -1 : 1;
    index += left > 0xffff ? 2 : 1;
  }
}

/** -1, 0, 1; null for values without an order. */
export function compare(left: Value, right: Value): number | null {
  if (typeof left === 'number' && typeof right === 'number') return left < right ? -1 : Number(left > right);
  const [a, b] = aligned(left, right);
  if (isNumber(a)) return isNumber(b) ? compareNumbers(a, b) : null;
  if (typeof a === 'string') return typeof b === 'string' ? compareTexts(a, b) : null;
  if (a instanceof FeelDate) return b instanceof FeelDate ? sign(a.number, b.number) : null;
  if (a instanceof FeelDateTime) return b instanceof FeelDateTime ? compareDateTimes(a, b) : null;
  if (a instanceof FeelTime) return b instanceof FeelTime ? compareTimes(a, b) : null;
  if (a instanceof TimeDuration) return b instanceof TimeDuration ? sign(a.nanos, b.nanos) : null;
  if (a instanceof MonthsDuration) return b instanceof MonthsDuration ? sign(a.months, b.months) : null;
  return null;
}

function equalLists(a: List, b: List): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (equal(a[index], b[index]) !== true) return false;
  return true;
}

function equalContexts(a: Context, b: Context): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length || !keys.every((key) => Object.hasOwn(b, key))) return false;
  return equalLists(keys.map((key) => a[key]), keys.map((key) => b[key]));
}

function equalRanges(a: FeelRange, b: FeelRange): boolean {
  if (a.operator !== b.operator || a.startIncluded !== b.startIncluded || a.endIncluded !== b.endIncluded) return false;
  return equalLists([a.start, a.end], [b.start, b.end]);
}

/** FEEL's `=`: null for values of different kinds, except that nothing but null equals null. */
export function equal(left: Value, right: Value): boolean | null {
  if (left === right) return true;
  const [a, b] = aligned(left, right);
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null);
  if (a instanceof FeelRange && b instanceof FeelRange) return equalRanges(a, b);
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return null;
  switch (kind) {
    case 'boolean':
    case 'string': return a === b;
    case 'list': return equalLists(a as List, b as List);
    case 'context': return equalContexts(a as Context, b as Context);
    case 'function': return a === b;
    case 'time':
    case 'date and time': return compare(a, b) === 0;
    default: {
      const order = compare(a, b);
      return order === null ? null : order === 0;
    }
  }
}

/** Whether a value lies in a range; null when they have no order. */
export function contains(range: FeelRange, value: Value): boolean | null {
  if (range.operator === '=') return equal(value, range.start);
  if (range.operator === '!=') {
    const same = equal(value, range.start);
    return same === null ? null : !same;
  }
  if (value === null || value === undefined) return null;
  const { operator } = range;
  const low = operator === '<' || operator === '<=' ? -1 : compare(range.start, value);
  const high = operator === '>' || operator === '>=' ? -1 : compare(value, range.end);
  if (low === null || high === null) return null;
  return (low < 0 || (low === 0 && range.startIncluded)) && (high < 0 || (high === 0 && range.endIncluded));
}
