import {
  DAY_SECONDS, FeelDate, FeelDateTime, FeelTime, MonthsDuration, NANOS, TimeDuration, isDuration, parseDate, parseDateTime,
  parseDuration,
} from './calendar';
import {
  type Num, addNumbers, divideNumbers, isNumber, isWhole, multiplyNumbers, negated, power, readNumber, rounded,
  subtractNumbers, toDouble,
} from './decimal';
import { run, within } from './limits';
import type { Arithmetic } from './syntax';
import type { Value } from './values';

type Duration = MonthsDuration | TimeDuration;

const DAY_NANOS = BigInt(DAY_SECONDS) * BigInt(NANOS);

/** In the dialect text in a sum with a temporal value is read as one. */
function temporal(value: Value, beside: Value): Value {
  if (!run.lenient || typeof value !== 'string' || typeof beside !== 'object' || beside === null || isNumber(beside)) return value;
  return parseDate(value) ?? parseDateTime(value, true) ?? parseDuration(value, true) ?? value;
}

function months(value: number): MonthsDuration | null {
  return Number.isSafeInteger(value) ? new MonthsDuration(value + 0) : null;
}

/** Longer ones have no use and would only cost time. */
const LONGEST = 10n ** 40n;

function time(nanos: bigint): TimeDuration | null {
  return nanos > LONGEST || nanos < -LONGEST ? null : new TimeDuration(nanos);
}

function shiftTime(at: FeelTime, duration: TimeDuration): FeelTime {
  const total = BigInt(at.second) * BigInt(NANOS) + BigInt(at.nano) + duration.nanos;
  const rest = ((total % DAY_NANOS) + DAY_NANOS) % DAY_NANOS;
  return new FeelTime(Number(rest / BigInt(NANOS)), Number(rest % BigInt(NANOS)), at.zone);
}

const LAST_NANOS = BigInt(4e16) * BigInt(NANOS);

function shifted(at: Value, duration: Duration): Value {
  if (duration instanceof MonthsDuration) {
    if (at instanceof FeelDate) return at.plusMonths(duration.months);
    if (!(at instanceof FeelDateTime)) return null;
    const date = at.date.plusMonths(duration.months);
    return date && new FeelDateTime(date, at.time);
  }
  if (duration.nanos > LAST_NANOS || duration.nanos < -LAST_NANOS) return null;
  if (at instanceof FeelTime) return shiftTime(at, duration);
  if (at instanceof FeelDateTime) return FeelDateTime.ofNanos(at.nanos + duration.nanos, at.time.zone);
  if (!(at instanceof FeelDate)) return null;
  return FeelDateTime.ofNanos(FeelDateTime.ofDate(at).nanos + duration.nanos, 0)?.date ?? null;
}

function opposite(duration: Duration): Duration {
  return duration instanceof MonthsDuration ? new MonthsDuration(0 - duration.months) : new TimeDuration(-duration.nanos);
}

function add(left: Value, right: Value): Value {
  const [a, b] = [temporal(left, right), temporal(right, left)];
  if (isNumber(a)) return isNumber(b) ? addNumbers(a, b) : null;
  if (typeof a === 'string' && typeof b === 'string') {
    within('text', a.length + b.length);
    return a + b;
  }
  if (a instanceof MonthsDuration && b instanceof MonthsDuration) return months(a.months + b.months);
  if (a instanceof TimeDuration && b instanceof TimeDuration) return time(a.nanos + b.nanos);
  if (isDuration(b)) return shifted(a, b);
  return isDuration(a) ? shifted(b, a) : null;
}

/** Midnight of a date in a difference: in UTC by FEEL, in the dialect where the other moment is told. */
function midnight(date: FeelDate, beside: FeelDate | FeelDateTime): FeelDateTime {
  if (!run.lenient || beside instanceof FeelDate) return FeelDateTime.ofDate(date);
  return new FeelDateTime(date, new FeelTime(0, 0, beside.time.zone));
}

function between(a: FeelDate | FeelDateTime, b: FeelDate | FeelDateTime): TimeDuration | null {
  const later = a instanceof FeelDate ? midnight(a, b) : a;
  const earlier = b instanceof FeelDate ? midnight(b, a) : b;
  if ((later.time.zone === null) !== (earlier.time.zone === null)) return null;
  return time(later.nanos - earlier.nanos);
}

function subtract(left: Value, right: Value): Value {
  const [a, b] = [temporal(left, right), temporal(right, left)];
  if (isNumber(a)) return isNumber(b) ? subtractNumbers(a, b) : null;
  if ((a instanceof FeelDate || a instanceof FeelDateTime) && (b instanceof FeelDate || b instanceof FeelDateTime)) return between(a, b);
  if (a instanceof FeelTime && b instanceof FeelTime) {
    if ((a.zone === null) !== (b.zone === null)) return null;
    const seconds = a.second - (a.offset ?? 0) - (b.second - (b.offset ?? 0));
    return time(BigInt(seconds) * BigInt(NANOS) + BigInt(a.nano - b.nano));
  }
  if (a instanceof MonthsDuration && b instanceof MonthsDuration) return months(a.months - b.months);
  if (a instanceof TimeDuration && b instanceof TimeDuration) return time(a.nanos - b.nanos);
  return isDuration(b) ? shifted(a, opposite(b)) : null;
}

/** A whole number of units nearest to zero, as `bigint`; null when too large. */
function whole(value: Num | null): bigint | null {
  const cut = value === null ? null : rounded(value, 0, 'down');
  if (cut === null || Math.abs(toDouble(cut)) > 1e39) return null;
  return BigInt(typeof cut === 'number' ? cut : cut.toFixed());
}

function scaled(duration: Duration, by: (units: Num) => Num | null): Value {
  if (duration instanceof MonthsDuration) {
    const result = whole(by(duration.months));
    return result === null ? null : months(Number(result));
  }
  const units = readNumber(String(duration.nanos));
  const result = units === null ? null : whole(by(units));
  return result === null ? null : time(result);
}

function multiply(a: Value, b: Value): Value {
  if (isNumber(a)) {
    if (isNumber(b)) return multiplyNumbers(a, b);
    return isDuration(b) ? scaled(b, (units) => multiplyNumbers(units, a)) : null;
  }
  return isDuration(a) && isNumber(b) ? scaled(a, (units) => multiplyNumbers(units, b)) : null;
}

function divide(a: Value, b: Value): Value {
  if (isNumber(a)) return isNumber(b) ? divideNumbers(a, b) : null;
  if (isDuration(a) && isNumber(b)) return scaled(a, (units) => divideNumbers(units, b));
  if (a instanceof MonthsDuration && b instanceof MonthsDuration) return divideNumbers(a.months, b.months);
  if (a instanceof TimeDuration && b instanceof TimeDuration) {
    const [units, by] = [readNumber(String(a.nanos)), readNumber(String(b.nanos))];
    return units === null || by === null ? null : divideNumbers(units, by);
  }
  return null;
}

/** FEEL's arithmetic: null for operands that do not fit, for division by zero and for results too large. */
export function calculate(operator: Arithmetic, a: Value, b: Value): Value {
  if (a === null || a === undefined || b === null || b === undefined) return null;
  switch (operator) {
    case '+': return add(a, b);
    case '-': return subtract(a, b);
    case '*': return multiply(a, b);
    case '/': return divide(a, b);
    case '**': return isNumber(a) && isNumber(b) ? power(a, b) : null;
  }
}

export function negate(value: Value): Value {
  if (isNumber(value)) return negated(value);
  return isDuration(value) ? opposite(value) : null;
}

/** A number without its fraction, as functions take positions, lengths and scales; null for any other value. */
export function truncated(value: Value): number | null {
  return isNumber(value) ? integerOf(rounded(value, 0, 'down')) : null;
}

/** Whole units of a number that is one; null otherwise. */
export function integerOf(value: Value): number | null {
  return isNumber(value) && isWhole(value) && Number.isSafeInteger(toDouble(value)) ? toDouble(value) : null;
}

