import { FeelDate, FeelDateTime, type FeelFunction, builtIn, isContext, isNumber, parseDateTime, toDouble } from './interpreter';
import { DEFAULT_ZONE } from './temporal';
import type { KernelContext } from './types';

/** The context carries no calendar, and there is no other: Monday to Friday would be a guess about the law's days. */
export class NoCalendar extends Error {
  constructor() {
    super('Functions of working days need `workCalendar` in the context');
    this.name = 'NoCalendar';
  }
}

/** Further is a mistake in a model: a working lifetime in working days, and the days they take. */
const MOST_WORKDAYS = 9999;
const MOST_DAYS = 20_000;
/** Days in a row without a workday before a calendar is refused, as on the server (domain/deadlines/calendar.py). */
const LONGEST_REST = 120;
const FRIDAY = 5;

const two = (value: number): string => String(value).padStart(2, '0');

/**
 * Working days of a region: `{ "years": { "2026": "010101020214…" } }` has for each year the days (month and day, in order) on which
 * its offices do not do as the weekday says. A year that is not in it is Monday to Friday.
 */
class WorkCalendar {
  private readonly read = new Map<number, ReadonlySet<string>>();

  private constructor(private readonly years: object) {}

  static of(value: unknown): WorkCalendar | null {
    if (!isContext(value)) return null;
    const { years } = value as { years?: unknown };
    return isContext(years) ? new WorkCalendar(years) : null;
  }

  private except(year: number): ReadonlySet<string> {
    let days = this.read.get(year);
    if (!days) {
      const text = (this.years as Record<string, unknown>)[String(year)];
      days = new Set(typeof text === 'string' ? (text.match(/\d{4}/g) ?? []) : []);
      this.read.set(year, days);
    }
    return days;
  }

  works(day: FeelDate): boolean {
    return (day.weekday <= FRIDAY) !== this.except(day.year).has(two(day.month) + two(day.day));
  }

  /** That day, or the first workday after it. */
  first(day: FeelDate): FeelDate | null {
    return this.step(day, 0, 1);
  }

  /** The n-th workday after the day, before it when negative; the day itself is not counted and is what 0 gives. */
  add(day: FeelDate, workdays: number): FeelDate | null {
    const by = workdays < 0 ? -1 : 1;
    let found: FeelDate | null = day;
    for (let left = Math.abs(workdays); left > 0 && found; left -= 1) found = this.step(found, by, by);
    return found;
  }

  /** How many workdays d with after < d <= until; none when they are in the wrong order. */
  between(after: FeelDate, until: FeelDate): number {
    let count = 0;
    for (let number = after.number + 1; number <= until.number; number += 1) {
      const day = FeelDate.ofNumber(number);
      if (day && this.works(day)) count += 1;
    }
    return count;
  }

  /** The first workday from `from` days after the day on, in direction `by`. */
  private step(day: FeelDate, from: number, by: number): FeelDate | null {
    for (let ahead = 0; ahead <= LONGEST_REST; ahead += 1) {
      const next = FeelDate.ofNumber(day.number + from + ahead * by);
      if (next && this.works(next)) return next;
    }
    return null;
  }
}

/** The civil day in the context's zone of a date, a date-time or ISO text of one, as variables hold them. */
function dayOf(value: unknown, zone: string): FeelDate | null {
  const moment = typeof value === 'string' ? parseDateTime(value, true) : value;
  if (moment instanceof FeelDate) return moment;
  if (!(moment instanceof FeelDateTime)) return null;
  return moment.offset === null ? moment.date : (FeelDateTime.ofNanos(moment.nanos, zone)?.date ?? null);
}

export const WORKDAY_FUNCTIONS = ['add workdays', 'workdays between', 'is workday', 'next workday'] as const;

/**
 * Arithmetic in working days over the context's `workCalendar` (of the acting site) or the calendar that is handed over last.
 * What is no day, no whole number or no calendar makes null (`invalid_arguments`); without any calendar it is an error.
 */
export function workdayFunctions(context: KernelContext): Record<(typeof WORKDAY_FUNCTIONS)[number], FeelFunction> {
  const zone = typeof context.zone === 'string' ? context.zone : DEFAULT_ZONE;
  let own: WorkCalendar | null = null;
  const calendarOf = (given: unknown): WorkCalendar | null => {
    if (given !== null && given !== undefined) return WorkCalendar.of(given);
    own ??= WorkCalendar.of(context.workCalendar);
    if (!own) throw new NoCalendar();
    return own;
  };
  const withDay = (use: (calendar: WorkCalendar, day: FeelDate) => unknown) => (date: unknown, given: unknown) => {
    const calendar = calendarOf(given);
    const day = dayOf(date, zone);
    return calendar && day ? (use(calendar, day) ?? undefined) : undefined;
  };
  const add = (date: unknown, count: unknown, given: unknown): unknown => {
    const workdays = isNumber(count) ? toDouble(count) : Number.NaN;
    if (!Number.isInteger(workdays) || Math.abs(workdays) > MOST_WORKDAYS) return undefined;
    return withDay((calendar, day) => calendar.add(day, workdays))(date, given);
  };
  const between = (start: unknown, end: unknown, given: unknown): unknown => {
    const until = dayOf(end, zone);
    return withDay((calendar, day) =>
      until && until.number - day.number <= MOST_DAYS ? calendar.between(day, until) : undefined,
    )(start, given);
  };
  return {
    'add workdays': builtIn(['date: any, workdays: any, calendar?: any', add]),
    'workdays between': builtIn(['start: any, end: any, calendar?: any', between]),
    'is workday': builtIn(['date: any, calendar?: any', withDay((calendar, day) => calendar.works(day))]),
    'next workday': builtIn(['date: any, calendar?: any', withDay((calendar, day) => calendar.first(day))]),
  };
}
