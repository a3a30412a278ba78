import { FeelDate, FeelDateTime, FeelTime, MonthsDuration, NANOS, TimeDuration } from './calendar';
import { fromDouble } from './decimal';
import { FeelRange, type Value } from './values';

function offsetOf(seconds: number | null): TimeDuration | null {
  return seconds === null ? null : new TimeDuration(BigInt(seconds) * BigInt(NANOS));
}

function ofDate(date: FeelDate, name: string): Value {
  switch (name) {
    case 'year': return date.year;
    case 'month': return date.month;
    case 'day': return date.day;
    case 'weekday': return date.weekday;
    default: return undefined;
  }
}

function ofTime(time: FeelTime, offset: number | null, name: string): Value {
  switch (name) {
    case 'hour': return time.hour;
    case 'minute': return time.minute;
    case 'second': return time.nano ? fromDouble((time.second % 60) + time.nano / 1e9) : time.second % 60;
    case 'time offset': return offsetOf(offset);
    case 'timezone': return typeof time.zone === 'string' ? time.zone : null;
    default: return undefined;
  }
}

function ofDuration(duration: TimeDuration, name: string): Value {
  const place = ['days', 'hours', 'minutes', 'seconds'].indexOf(name);
  if (place < 0) return undefined;
  const parts = duration.parts();
  const size = (parts[place] ?? 0) + (name === 'seconds' ? parts[4] / 1e9 : 0);
  return fromDouble(duration.nanos < 0n ? 0 - size : size);
}

function ofMonths({ months }: MonthsDuration, name: string): Value {
  if (name === 'years') return Math.trunc(months / 12) + 0;
  return name === 'months' ? (months % 12) + 0 : undefined;
}

function ofRange(range: FeelRange, name: string): Value {
  switch (name) {
    case 'start': return range.start;
    case 'end': return range.end;
    case 'start included': return range.startIncluded;
    case 'end included': return range.endIncluded;
    default: return undefined;
  }
}

/** A property of a temporal value or a range (DMN 1.5, table 65); undefined when the value has none of that name. */
export function propertyOf(value: Value, name: string): Value {
  if (value instanceof FeelDate) return ofDate(value, name);
  if (value instanceof FeelDateTime) return ofDate(value.date, name) ?? ofTime(value.time, value.offset, name);
  if (value instanceof FeelTime) return ofTime(value, value.offset, name);
  if (value instanceof TimeDuration) return ofDuration(value, name);
  if (value instanceof MonthsDuration) return ofMonths(value, name);
  return value instanceof FeelRange ? ofRange(value, name) : undefined;
}
