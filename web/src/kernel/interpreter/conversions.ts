import { integerOf } from './arithmetic';
import {
  FeelDate, FeelDateTime, FeelTime, MonthsDuration, NANOS, type TimeDuration, isDuration, parseDate, parseDateTime, parseDuration,
  parseTime,
} from './calendar';
import { type Num, isNumber, numberText, readNumber, rounded, toDouble } from './decimal';
import { run, within } from './limits';
import { builtIn } from './signature';
import { type Context, FeelFunction, FeelRange, type Value, compare, isContext, isList } from './values';

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function entryText([key, value]: [string, Value]): string {
  return `${/^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(key) ? key : quoted(key)}: ${literalText(value)}`;
}

function rangeText(range: FeelRange): string {
  if (range.operator !== null) {
    const end = range.operator.startsWith('<') ? range.end : range.start;
    return `(${range.operator}${literalText(end)})`;
  }
  return `${range.startIncluded ? '[' : '('}${literalText(range.start)}..${literalText(range.end)}${range.endIncluded ? ']' : ')'}`;
}

/** A value as FEEL would write it inside a list. */
function literalText(value: Value): string {
  return typeof value === 'string' ? quoted(value) : textOf(value);
}

export function textOf(value: Value): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (isNumber(value)) return numberText(value);
  if (isList(value)) return `[${value.map(literalText).join(', ')}]`;
  if (value instanceof FeelRange) return rangeText(value);
  if (value instanceof FeelFunction) return 'function';
  if (isContext(value)) return `{${Object.entries(value).map(entryText).join(', ')}}`;
  return (value as { toString: () => string }).toString();
}

function stringOf(from: Value): string | null {
  if (from === null) return null;
  const text = textOf(from);
  within('text', text.length);
  return text;
}

function numberOf(from: string, grouping: string | null, decimal: string | null): Num | null {
  const separators = [grouping, decimal].filter((each) => each !== null);
  if (grouping !== null && !/^[ .,\u00A0]$/.test(grouping)) return null;
  if (decimal !== null && !/^[.,]$/.test(decimal)) return null;
  if (separators.length === 2 && grouping === decimal) return null;
  let text = from;
  if (grouping !== null) text = text.replaceAll(grouping, '');
  if (decimal !== null) text = text.replaceAll('.', decimal === '.' ? '.' : '!').replaceAll(decimal, '.');
  return readNumber(text);
}

/** Year, month and day as numbers: whole ones. */
function dateOf(year: Num, month: Num, day: Num): FeelDate | null {
  const [y, m, d] = [year, month, day].map(integerOf);
  return typeof y === 'number' && typeof m === 'number' && typeof d === 'number' ? FeelDate.of(y, m, d) : null;
}

function timeOf(hour: Num, minute: Num, second: Num, offset: TimeDuration | null): FeelTime | null {
  const [h, m] = [integerOf(hour), integerOf(minute)];
  const whole = rounded(second, 0, 'down');
  if (h === null || m === null || whole === null) return null;
  const nano = Math.round((toDouble(second) - toDouble(whole)) * NANOS);
  const s = toDouble(whole);
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 || nano < 0) return null;
  const zone = offset === null ? null : Number(offset.nanos / BigInt(NANOS));
  if (zone !== null && Math.abs(zone) > 18 * 3600) return null;
  return new FeelTime((h * 60 + m) * 60 + s, nano, zone);
}

/** Whole months from one day to another; the time of the day does not count. */
function monthsBetween(from: FeelDate | FeelDateTime, to: FeelDate | FeelDateTime): MonthsDuration {
  const [a, b] = [from, to].map((each) => (each instanceof FeelDate ? each : each.date)) as [FeelDate, FeelDate];
  let months = (b.year - a.year) * 12 + b.month - a.month;
  if (months > 0 && b.day < a.day) months -= 1;
  if (months < 0 && b.day > a.day) months += 1;
  return new MonthsDuration(months + 0);
}

function plainDate(from: string): FeelDate | null {
  return parseDate(from) ?? (run.lenient ? (parseDateTime(from, true)?.date ?? null) : null);
}

/** The value of a literal written in a text, for the ends of `range("[1..10]")`. */
function endOf(text: string): Value {
  const trimmed = text.trim();
  const quotedText = /^@?"([^"\\]*)"$/.exec(trimmed);
  if (quotedText) {
    const inner = quotedText[1] ?? '';
    if (!trimmed.startsWith('@')) return inner;
    return parseDate(inner) ?? (inner.startsWith('P') || !inner.includes('T') ? null : parseDateTime(inner)) ?? parseTime(inner) ?? parseDuration(inner);
  }
  const call = /^(date|time|date and time|duration)\(\s*"([^"\\]*)"\s*\)$/.exec(trimmed);
  if (!call) return readNumber(trimmed);
  const read = { date: parseDate, time: parseTime, 'date and time': parseDateTime, duration: parseDuration }[call[1] as 'date'];
  return read(call[2] ?? '');
}

function rangeOf(from: string): FeelRange | null {
  const match = /^\s*([[(\]])(.*?)\.\.(.*)([\])[])\s*$/.exec(from);
  if (!match) return null;
  const [start, end] = [match[2] ?? '', match[3] ?? ''].map((text) => (text.trim() === '' ? undefined : endOf(text)));
  if (start === null || end === null || (start === undefined && end === undefined)) return null;
  const [lowIncluded, highIncluded] = [match[1] === '[', match[4] === ']'];
  if (start === undefined) return lowIncluded ? null : new FeelRange(null, end, false, highIncluded, highIncluded ? '<=' : '<');
  if (end === undefined) return highIncluded ? null : new FeelRange(start, null, lowIncluded, false, lowIncluded ? '>=' : '>');
  const order = compare(start, end);
  return order === null || order > 0 ? null : new FeelRange(start, end, lowIncluded, highIncluded);
}

export const conversions = {
  number: builtIn(['from: string, grouping separator?: string, decimal separator?: string', numberOf]),
  string: builtIn(['from: any', stringOf]),
  date: builtIn(
    ['from: string', plainDate],
    ['from: date', (from: FeelDate) => from],
    ['from: date and time', (from: FeelDateTime) => from.date],
    ['year: number, month: number, day: number', dateOf],
  ),
  'date and time': builtIn(
    ['from: string', (from: string) => parseDateTime(from, run.lenient)],
    ['from: date and time', (from: FeelDateTime) => from],
    ['date: day, time: time', (date: FeelDate | FeelDateTime, time: FeelTime) => new FeelDateTime(date instanceof FeelDate ? date : date.date, time)],
  ),
  time: builtIn(
    ['from: string', (from: string) => parseTime(from, run.lenient)],
    ['from: time', (from: FeelTime) => from],
    ['from: date and time', (from: FeelDateTime) => from.time],
    ['from: date', () => new FeelTime(0, 0, 0)],
    ['hour: number, minute: number, second: number, offset?: time duration', timeOf],
  ),
  duration: builtIn(
    ['from: string', (from: string) => parseDuration(from, run.lenient)],
    ['from: duration', (from: Value) => (isDuration(from) ? from : null)],
  ),
  'years and months duration': builtIn(['from: day, to: day', monthsBetween]),
  range: builtIn(['from: string', rangeOf]),
};

export type { Context };
