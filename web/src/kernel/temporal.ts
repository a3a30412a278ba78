import { FeelDate, FeelDateTime, FeelDuration, FeelTime, date, dateAndTime, duration, time } from 'feelin';
import { Temporal } from 'temporal-polyfill';

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

export function feelNow(context: KernelContext): FeelDateTime {
  const now = zonedNow(context).round('second');
  return new FeelDateTime(now.toPlainDateTime(), now.offset);
}

export function feelToday(context: KernelContext): FeelDate {
  return new FeelDate(zonedNow(context).toPlainDate());
}

function isoOf(value: FeelDateTime): string {
  const plain = value.unwrap();
  const zone = value.timezone as string | null;
  if (!zone) return plain.toString();
  if (/^[+-]\d\d:\d\d(:\d\d)?$/.test(zone)) return `${plain.toString()}${zone}`;
  const zoned = plain.toZonedDateTime(zone);
  return `${plain.toString()}${zone === 'UTC' ? 'Z' : zoned.offset}`;
}

/** A FEEL value as JSON; undefined when it has no JSON form (functions, ranges). */
export function toJson(value: unknown): Json | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value instanceof FeelDate) return { $feel: 'date', value: value.toString() };
  if (value instanceof FeelTime) return { $feel: 'time', value: value.toString() };
  if (value instanceof FeelDateTime) return { $feel: 'date and time', value: isoOf(value) };
  if (value instanceof FeelDuration) return { $feel: 'duration', value: value.toString() };
  if (Array.isArray(value)) {
    const items = value.map(toJson);
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const result: JsonObject = {};
    for (const [key, entry] of Object.entries(value)) {
      const json = toJson(entry);
      if (json === undefined) return undefined;
      Object.defineProperty(result, key, { value: json, enumerable: true, configurable: true, writable: true });
    }
    return result;
  }
  return undefined;
}

/** JSON with the tags of `toJson` back to FEEL values. */
export function fromJson(value: Json): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.$feel === 'string' && typeof value.value === 'string' && Object.keys(value).length === 2) {
    const read = { date, time, 'date and time': dateAndTime, duration }[value.$feel];
    if (read) return read(value.value);
  }
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fromJson(entry)]));
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
  if (value instanceof FeelDate) return 'date';
  if (value instanceof FeelTime) return 'time';
  if (value instanceof FeelDateTime) return 'date and time';
  if (value instanceof FeelDuration) return 'duration';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return 'context';
  return typeof value as 'boolean' | 'number' | 'string';
}
