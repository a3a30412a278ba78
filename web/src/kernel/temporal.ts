import { Temporal } from 'temporal-polyfill';

import {
  FeelDate, FeelDateTime, FeelTime, fromDouble, isContext, isDuration, isList, isNumber, offsetText, parseDate, parseDateTime,
  parseDuration, parseTime, put, toDouble,
} from './interpreter';
import type { FeelType, Json, JsonObject, KernelContext } from './types';

/** Region of `today()` and of `now()` when the context names none: China has one legal time. */
export const DEFAULT_ZONE = 'Asia/Shanghai';

/** The context carries no clock, and there is no other: the host's is never read. */
export class NoClock extends Error {
  constructor() {
    super('now() and today() need `now` in the context, as ISO 8601 text with an offset');
    this.name = 'NoClock';
  }
}

function zonedNow(context: KernelContext): Temporal.ZonedDateTime {
  if (typeof context.now !== 'string') throw new NoClock();
  try {
    return Temporal.Instant.from(context.now).toZonedDateTimeISO(
      typeof context.zone === 'string' ? context.zone : DEFAULT_ZONE,
    );
  } catch {
    throw new NoClock();
  }
}

/** The date of the context's clock in its zone, ISO. */
export function todayOf(context: KernelContext): string {
  return zonedNow(context).toPlainDate().toString();
}

export function feelNow(context: KernelContext): FeelDateTime | null {
  return parseDateTime(zonedNow(context).round('second').toString({ timeZoneName: 'never' }));
}

export function feelToday(context: KernelContext): FeelDate | null {
  return parseDate(todayOf(context));
}

/** The clock and offset of a moment: a region is told by its offset then. */
function isoOf({ date, time, offset }: FeelDateTime): string {
  return `${date.toString()}T${time.clock()}${offset === null ? '' : offsetText(offset)}`;
}

const INVALID = Symbol('no JSON form');

function jsonOf(value: unknown): Json | typeof INVALID {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number') return value;
  if (isNumber(value)) {
    const double = toDouble(value);
    return Number.isFinite(double) ? double : INVALID;
  }
  if (value instanceof FeelDate) return { $feel: 'date', value: value.toString() };
  if (value instanceof FeelTime) return { $feel: 'time', value: value.toString() };
  if (value instanceof FeelDateTime) return { $feel: 'date and time', value: isoOf(value) };
  if (isDuration(value)) return { $feel: 'duration', value: value.toString() };
  if (isList(value)) {
    const items = value.map(jsonOf);
    return items.includes(INVALID) ? INVALID : (items as Json[]);
  }
  if (!isContext(value)) return INVALID;
  const result: JsonObject = {};
  for (const [key, entry] of Object.entries(value)) {
    const json = jsonOf(entry);
    if (json === INVALID) return INVALID;
    put(result, key, json);
  }
  return result;
}

/** A FEEL value as JSON; undefined when it has no JSON form (functions, ranges). */
export function toJson(value: unknown): Json | undefined {
  const json = jsonOf(value);
  return json === INVALID ? undefined : json;
}

const READERS: Record<string, (text: string) => unknown> = {
  date: parseDate, time: (text) => parseTime(text, true), 'date and time': (text) => parseDateTime(text, true),
  duration: (text) => parseDuration(text, true),
};

/** JSON with the tags of `toJson` back to FEEL values; what needs no change is handed on as it is. */
export function fromJson(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : fromDouble(value);
  if (value === undefined) return null;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.map(fromJson);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const { $feel: tag, value: text } = value as JsonObject;
  if (typeof tag === 'string' && typeof text === 'string' && Object.keys(value).length === 2) {
    const read = Object.hasOwn(READERS, tag) ? READERS[tag] : undefined;
    if (read) return read(text);
  }
  let changed = false;
  const result: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const read = fromJson(entry);
    changed ||= read !== entry;
    put(result, key, read);
  }
  return changed || !isContext(value) ? result : value;
}

/** The same JSON with plain ISO text in place of tags: how values are stored. */
export function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.$feel === 'string' && typeof value.value === 'string') return value.value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

export function typeOf(value: unknown): FeelType {
  if (value === null || value === undefined) return 'null';
  if (isNumber(value)) return 'number';
  if (value instanceof FeelDate) return 'date';
  if (value instanceof FeelTime) return 'time';
  if (value instanceof FeelDateTime) return 'date and time';
  if (isDuration(value)) return 'duration';
  if (isList(value)) return 'list';
  if (typeof value === 'object') return 'context';
  return typeof value as 'boolean' | 'string';
}
