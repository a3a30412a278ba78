import { Temporal } from 'temporal-polyfill';

/** Proleptic Gregorian days; the years of XML Schema that FEEL wants are far beyond those of the host's own dates. */
const LAST_YEAR = 999_999_999;

export const NANOS = 1_000_000_000;
export const DAY_SECONDS = 86_400;

/** Days since 1970-01-01. */
export function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function dayParts(number: number): { year: number; month: number; day: number } {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const two = (value: number): string => String(value).padStart(2, '0');

export class FeelDate {
  private constructor(readonly year: number, readonly month: number, readonly day: number, readonly number: number) {}

  static of(year: number, month: number, day: number): FeelDate | null {
    if (![year, month, day].every(Number.isInteger)) return null;
    if (Math.abs(year) > LAST_YEAR || month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return null;
    return new FeelDate(year, month, day, dayNumber(year, month, day));
  }

  static ofNumber(number: number): FeelDate | null {
    const { year, month, day } = dayParts(number);
    return FeelDate.of(year, month, day);
  }

  plusMonths(months: number): FeelDate | null {
    const total = this.year * 12 + this.month - 1 + months;
    const year = Math.floor(total / 12);
    const month = total - year * 12 + 1;
    return FeelDate.of(year, month, Math.min(this.day, daysOfMonth(year, month)));
  }

  /** Monday 1 … Sunday 7. */
  get weekday(): number {
    return ((((this.number + 3) % 7) + 7) % 7) + 1;
  }

  toString(): string {
    const year = String(Math.abs(this.year)).padStart(4, '0');
    return `${this.year < 0 ? '-' : ''}${year}-${two(this.month)}-${two(this.day)}`;
  }
}

/** Where a time is told: nothing (local), a fixed offset in seconds, or a region of the zone database. */
export type Zone = null | number | string;

const regions = new Map<string, boolean>();

/** Whether the zone database knows this region. */
function isRegion(name: string): boolean {
  let known = regions.get(name);
  if (known === undefined) {
    try {
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
      known = !/^[+-]/.test(name);
    } catch {
      known = false;
    }
    if (regions.size < 1000) regions.set(name, known);
  }
  return known;
}

/** Seconds east of Greenwich of a region at a local time; beyond the host's years those of a like year. */
function regionOffset(region: string, day: number, second: number): number {
  const { year, month, day: dayOfMonth } = dayParts(day);
  const like = Math.abs(year) > 200_000 ? 2000 + (((year % 400) + 400) % 400) : year;
  const local = new Temporal.PlainDateTime(like, month, dayOfMonth, Math.floor(second / 3600), Math.floor((second % 3600) / 60), second % 60);
  return Math.trunc(local.toZonedDateTime(region).offsetNanoseconds / NANOS);
}

export function offsetText(offset: number): string {
  if (offset === 0) return 'Z';
  const seconds = Math.abs(offset);
  const rest = seconds % 60;
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(seconds / 3600))}:${two(Math.floor((seconds % 3600) / 60))}${rest ? `:${two(rest)}` : ''}`;
}

function zoneText(zone: Zone): string {
  if (zone === null) return '';
  return typeof zone === 'number' ? offsetText(zone) : `@${zone}`;
}

export class FeelTime {
  constructor(readonly second: number, readonly nano: number, readonly zone: Zone) {}

  get hour(): number {
    return Math.floor(this.second / 3600);
  }

  get minute(): number {
    return Math.floor((this.second % 3600) / 60);
  }

  /** Seconds east of Greenwich; of a region: on the first day of 1970. */
  get offset(): number | null {
    return typeof this.zone === 'string' ? regionOffset(this.zone, 0, this.second) : this.zone;
  }

  clock(): string {
    const fraction = this.nano ? `.${String(this.nano).padStart(9, '0').replace(/0+$/, '')}` : '';
    return `${two(this.hour)}:${two(this.minute)}:${two(this.second % 60)}${fraction}`;
  }

  toString(): string {
    return this.clock() + zoneText(this.zone);
  }
}

export class FeelDateTime {
  constructor(readonly date: FeelDate, readonly time: FeelTime) {}

  /** Midnight of a date, which FEEL takes for one in UTC. */
  static ofDate(date: FeelDate): FeelDateTime {
    return new FeelDateTime(date, new FeelTime(0, 0, 0));
  }

  get offset(): number | null {
    const { zone, second } = this.time;
    return typeof zone === 'string' ? regionOffset(zone, this.date.number, second) : zone;
  }

  /** Nanoseconds of the local clock since 1970, less the offset where there is one. */
  get nanos(): bigint {
    return BigInt(this.date.number * DAY_SECONDS + this.time.second - (this.offset ?? 0)) * BigInt(NANOS) + BigInt(this.time.nano);
  }

  static ofNanos(nanos: bigint, zone: Zone): FeelDateTime | null {
    const size = BigInt(NANOS);
    const seconds = nanos / size - (nanos % size < 0n ? 1n : 0n);
    const nano = Number(nanos - seconds * size);
    const utc = Number(seconds);
    let local = utc + (typeof zone === 'number' ? zone : 0);
    if (typeof zone === 'string') local += regionOffsetAt(zone, utc);
    const day = Math.floor(local / DAY_SECONDS);
    const date = FeelDate.ofNumber(day);
    return date && new FeelDateTime(date, new FeelTime(local - day * DAY_SECONDS, nano, zone));
  }

  toString(): string {
    return `${this.date.toString()}T${this.time.toString()}`;
  }
}

const LAST_INSTANT = 8.6e12;

function regionOffsetAt(region: string, utc: number): number {
  if (Math.abs(utc) > LAST_INSTANT - 1e6) {
    const day = Math.floor(utc / DAY_SECONDS);
    return regionOffset(region, day, utc - day * DAY_SECONDS);
  }
  const zoned = Temporal.Instant.fromEpochMilliseconds(utc * 1000).toZonedDateTimeISO(region);
  return Math.trunc(zoned.offsetNanoseconds / NANOS);
}

/** Years and months. */
export class MonthsDuration {
  constructor(readonly months: number) {}

  toString(): string {
    const size = Math.abs(this.months);
    const years = Math.floor(size / 12);
    const months = size % 12;
    if (size === 0) return 'P0M';
    return `${this.months < 0 ? '-' : ''}P${years ? `${String(years)}Y` : ''}${months ? `${String(months)}M` : ''}`;
  }
}

/** Days and time, to the nanosecond. */
export class TimeDuration {
  constructor(readonly nanos: bigint) {}

  /** Days, hours, minutes, seconds, nanoseconds of the size. */
  parts(): [number, number, number, number, number] {
    const size = this.nanos < 0n ? -this.nanos : this.nanos;
    const seconds = Number(size / BigInt(NANOS));
    const days = Math.floor(seconds / DAY_SECONDS);
    return [
      days, Math.floor((seconds % DAY_SECONDS) / 3600), Math.floor((seconds % 3600) / 60), seconds % 60,
      Number(size % BigInt(NANOS)),
    ];
  }

  toString(): string {
    const [days, hours, minutes, seconds, nanos] = this.parts();
    if (this.nanos === 0n) return 'PT0S';
    const fraction = nanos ? `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}` : '';
    const time = [hours ? `${String(hours)}H` : '', minutes ? `${String(minutes)}M` : '', seconds || nanos ? `${String(seconds)}${fraction}S` : ''].join('');
    return `${this.nanos < 0n ? '-' : ''}P${days ? `${String(days)}D` : ''}${time ? `T${time}` : ''}`;
  }
}

const YEAR = String.raw`-?(?:[1-9]\d{4,8}|\d{4})`;
const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?`;
const WHERE = String.raw`(Z|[+-]\d\d:\d\d(?::\d\d)?|@[\w/+-]+)?`;
const DATE = new RegExp(`^(${YEAR})-(\\d\\d)-(\\d\\d)$`);
const TIME = new RegExp(`^${CLOCK}${WHERE}$`);
const DATE_TIME = new RegExp(`^(${YEAR}-\\d\\d-\\d\\d)T(.+)$`);
const FURTHEST_OFFSET = 18 * 3600;

export function parseDate(text: string): FeelDate | null {
  const match = DATE.exec(text);
  return match && FeelDate.of(Number(match[1]), Number(match[2]), Number(match[3]));
}

function parseZone(text: string | undefined): Zone | undefined {
  if (text === undefined) return null;
  if (text === 'Z') return 0;
  if (text.startsWith('@')) return isRegion(text.slice(1)) ? text.slice(1) : undefined;
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(1).split(':').map(Number);
  const offset = hours * 3600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || offset > FURTHEST_OFFSET) return undefined;
  return text.startsWith('-') ? 0 - offset : offset;
}

/** A time and whether it is the 24:00 that begins the next day. Seconds may be missing where texts of forms are read. */
function readTime(text: string, withoutSeconds: boolean): { time: FeelTime; nextDay: boolean } | null {
  const match = TIME.exec(text);
  if (!match || (match[3] === undefined && !withoutSeconds)) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const nano = match[4] ? Number(match[4].slice(1, 10).padEnd(9, '0')) : 0;
  const zone = parseZone(match[5]);
  const nextDay = hour === 24 && minute === 0 && second === 0 && nano === 0;
  if (zone === undefined || minute > 59 || second > 59 || (hour > 23 && !nextDay)) return null;
  return { time: new FeelTime(((hour % 24) * 60 + minute) * 60 + second, nano, zone), nextDay };
}

export function parseTime(text: string, withoutSeconds = false): FeelTime | null {
  return readTime(text, withoutSeconds)?.time ?? null;
}

/** `2026-11-22T10:00:00`, with offset or region; a date alone is its local midnight. */
export function parseDateTime(text: string, withoutSeconds = false): FeelDateTime | null {
  const match = DATE_TIME.exec(text);
  if (!match) {
    const date = parseDate(text);
    return date && new FeelDateTime(date, new FeelTime(0, 0, null));
  }
  const date = parseDate(match[1] ?? '');
  const read = readTime(match[2] ?? '', withoutSeconds);
  if (!date || !read) return null;
  const day = read.nextDay ? FeelDate.ofNumber(date.number + 1) : date;
  return day && new FeelDateTime(day, read.time);
}

const DURATION = /^(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?$/;

/** Either years and months or days and time, never both. Weeks are read where texts of models are. */
export function parseDuration(text: string, withWeeks = false): MonthsDuration | TimeDuration | null {
  const match = DURATION.exec(text);
  if (!match || text.length > 60) return null;
  const [, sign, years, months, weeks, ...time] = match;
  const minus = sign === '-';
  const [days, hours, minutes, seconds, fraction] = time;
  const given = [weeks, days, hours, minutes, seconds].some((part) => part !== undefined);
  if (years !== undefined || months !== undefined) {
    if (given) return null;
    const total = Number(years ?? 0) * 12 + Number(months ?? 0);
    return Number.isSafeInteger(total) ? new MonthsDuration(minus ? 0 - total : total) : null;
  }
  if (!given || (weeks !== undefined && !withWeeks)) return null;
  const whole = (part: string | undefined, size: number): bigint => BigInt(part ?? 0) * BigInt(size);
  const total = whole(weeks, 7 * DAY_SECONDS) + whole(days, DAY_SECONDS) + whole(hours, 3600) + whole(minutes, 60) + whole(seconds, 1);
  const nanos = total * BigInt(NANOS) + BigInt((fraction ?? '').slice(0, 9).padEnd(9, '0'));
  return new TimeDuration(minus ? -nanos : nanos);
}

export function isDuration(value: unknown): value is MonthsDuration | TimeDuration {
  return value instanceof MonthsDuration || value instanceof TimeDuration;
}
