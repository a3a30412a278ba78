import { negate, truncated } from './arithmetic';
import { FeelDate, FeelDateTime, FeelTime, MonthsDuration, TimeDuration, dayNumber } from './calendar';
import { type Num, compareNumbers, exponential, isNumber, logarithm, modulo, rounded, squareRoot, type Rounding } from './decimal';
import { conversions } from './conversions';
import { lists } from './lists';
import { within } from './limits';
import { ranges } from './ranges';
import { builtIn } from './signature';
import { texts } from './texts';
import { type Context, type FeelFunction, type List, type Value, entry, equal, isContext, kindOf, put } from './values';

function absolute(n: Value): Value {
  if (isNumber(n)) return compareNumbers(n, 0) < 0 ? negate(n) : n;
  if (n instanceof MonthsDuration) return n.months < 0 ? negate(n) : n;
  return n instanceof TimeDuration && n.nanos < 0n ? negate(n) : n;
}

function rounding(direction: Rounding): (n: Num, scale: Num | null) => Value {
  return (n, scale) => {
    const places = truncated(scale ?? 0);
    return places === null ? null : rounded(n, places, direction);
  };
}

function parity(rest: number): (number: Num) => boolean | null {
  return (number) => {
    const found = modulo(number, 2);
    return found === null ? null : found === rest;
  };
}

const dayOf = (day: FeelDate | FeelDateTime): FeelDate => (day instanceof FeelDate ? day : day.date);
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
];

/** ISO 8601: the week of the Thursday. */
function weekOf(day: FeelDate | FeelDateTime): number | null {
  const date = dayOf(day);
  const thursday = FeelDate.ofNumber(date.number - date.weekday + 4);
  return thursday && Math.floor((thursday.number - dayNumber(thursday.year, 1, 1)) / 7) + 1;
}

/** Whether two values are the same element: times and date-times with equal clocks and equal offsets. */
function is(a: Value, b: Value): boolean {
  if (kindOf(a) !== kindOf(b)) return false;
  if (a instanceof FeelTime && b instanceof FeelTime) return a.second === b.second && a.nano === b.nano && sameZone(a, b);
  if (a instanceof FeelDateTime && b instanceof FeelDateTime) {
    return a.date.number === b.date.number && is(a.time, b.time);
  }
  return equal(a, b) === true;
}

function sameZone(a: FeelTime, b: FeelTime): boolean {
  return a.zone === b.zone || (typeof a.zone === 'number' && b.zone === 'Etc/UTC' && a.zone === 0);
}

function valueAt(context: Context, keys: List): Value {
  let value: Value = context;
  for (const key of keys) {
    if (typeof key !== 'string' || !isContext(value)) return null;
    value = entry(value, key) ?? null;
  }
  return keys.length === 0 ? null : value;
}

function contextOf(entries: List): Value {
  const result: Record<string, Value> = {};
  for (const item of entries) {
    if (!isContext(item)) return null;
    const key = entry(item, 'key');
    const value = entry(item, 'value');
    if (typeof key !== 'string' || value === undefined || Object.hasOwn(result, key)) return null;
    put(result, key, value);
  }
  return result;
}

function withEntry(context: Context, key: string, value: Value): Context {
  const result: Record<string, Value> = {};
  for (const [old, item] of Object.entries(context)) put(result, old, item);
  put(result, key, value);
  return result;
}

function withPath(context: Context, keys: List, value: Value): Value {
  const [key, ...rest] = keys;
  if (typeof key !== 'string') return null;
  if (rest.length === 0) return withEntry(context, key, value);
  const inner = entry(context, key);
  if (!isContext(inner)) return null;
  const changed = withPath(inner, rest, value);
  return changed === null ? null : withEntry(context, key, changed);
}

function merged(contexts: List): Value {
  const result: Record<string, Value> = {};
  for (const context of contexts) {
    if (!isContext(context)) return null;
    for (const [key, value] of Object.entries(context)) put(result, key, value);
  }
  return result;
}

function entriesOf(context: Context): Value {
  const entries = Object.entries(context).map(([key, value]) => ({ key, value }));
  within('items', entries.length);
  return entries;
}

/** Functions of FEEL (DMN 1.5, 10.3.4) but those of the clock. */
export const BUILT_INS: Readonly<Record<string, FeelFunction>> = {
  ...conversions,
  ...texts,
  ...lists,
  ...ranges,
  not: builtIn(['negand: any', (negand: Value) => (typeof negand === 'boolean' ? !negand : null)]),
  decimal: builtIn(['n: number, scale: number', rounding('halfEven')]),
  floor: builtIn(['n: number', (n: Num) => rounded(n, 0, 'floor')], ['n: number, scale: number', rounding('floor')]),
  ceiling: builtIn(['n: number', (n: Num) => rounded(n, 0, 'ceiling')], ['n: number, scale: number', rounding('ceiling')]),
  'round up': builtIn(['n: number, scale: number', rounding('up')]),
  'round down': builtIn(['n: number, scale: number', rounding('down')]),
  'round half up': builtIn(['n: number, scale: number', rounding('halfUp')]),
  'round half down': builtIn(['n: number, scale: number', rounding('halfDown')]),
  abs: builtIn(['n: number', absolute], ['n: duration', absolute]),
  modulo: builtIn(['dividend: number, divisor: number', modulo]),
  sqrt: builtIn(['number: number', squareRoot]),
  log: builtIn(['number: number', logarithm]),
  exp: builtIn(['number: number', exponential]),
  odd: builtIn(['number: number', parity(1)]),
  even: builtIn(['number: number', parity(0)]),
  is: builtIn(['value1: any, value2: any', is]),
  'day of year': builtIn(['date: day', (day: FeelDate | FeelDateTime) => dayOf(day).number - dayNumber(dayOf(day).year, 1, 1) + 1]),
  'day of week': builtIn(['date: day', (day: FeelDate | FeelDateTime) => DAYS[dayOf(day).weekday - 1] ?? null]),
  'month of year': builtIn(['date: day', (day: FeelDate | FeelDateTime) => MONTHS[dayOf(day).month - 1] ?? null]),
  'week of year': builtIn(['date: day', weekOf]),
  'get value': builtIn(
    ['m: context, key: string', (m: Context, key: string) => entry(m, key) ?? null],
    ['context: context, key: string', (m: Context, key: string) => entry(m, key) ?? null],
    ['context: context, keys: list', valueAt],
  ),
  'get entries': builtIn(['m: context', entriesOf]),
  context: builtIn(['entries: list', contextOf]),
  'context put': builtIn(
    ['context: context, key: string, value: any', withEntry],
    ['context: context, keys: list, value: any', withPath],
  ),
  'context merge': builtIn(['contexts: list', merged]),
};

