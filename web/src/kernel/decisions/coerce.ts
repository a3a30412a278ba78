import {
  ANY, FeelDate, FeelDateTime, FeelFunction, FeelRange, FeelTime, MonthsDuration, TimeDuration, type Type, isContext, isDuration,
  isNumber, parseDate, parseDateTime, parseDuration, parseTime,
} from '../interpreter';

import { type Scope, TextFailed, passes } from './feel';
import type { Plan, PlanType, TypeRef } from './plan';

/** The value does not fit its type; the sentence names the type, never the value. */
export class TypeMismatch extends Error {
  constructor(readonly type: string, readonly reason: string) {
    super(`The value is no ${type}: ${reason}`);
    this.name = 'TypeMismatch';
  }
}

const EMPTY: Scope = { values: {}, shape: {} };

const CHECKS: Record<string, (value: unknown) => boolean> = {
  Any: () => true,
  Null: (value) => value === null,
  number: isNumber,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  date: (value) => value instanceof FeelDate,
  time: (value) => value instanceof FeelTime,
  'date and time': (value) => value instanceof FeelDateTime,
  'days and time duration': (value) => value instanceof TimeDuration,
  'years and months duration': (value) => value instanceof MonthsDuration,
  duration: isDuration,
  list: (value) => Array.isArray(value),
  context: isContext,
  range: (value) => value instanceof FeelRange,
  function: (value) => value instanceof FeelFunction,
};

const READERS: Record<string, (text: string) => unknown> = {
  date: parseDate, time: parseTime, 'date and time': parseDateTime, 'days and time duration': parseDuration,
  'years and months duration': parseDuration, duration: parseDuration,
};

/** Types of one plan: whether values conform to them (DMN 1.5 §10.3.2.9) and the implicit conversions (§10.3.2.9.4). */
export class Types {
  constructor(private readonly types: Plan['types']) {}

  find(type: TypeRef): PlanType | undefined {
    return type?.includes('#') ? this.types[type] : undefined;
  }

  /** The type a FEEL text means by a name: `tPerson`, of an import `people.tPerson`; null when the plan has none. */
  named(name: string): Type | null {
    const wanted = `#${name.split('.').at(-1) ?? name}`;
    const key = Object.keys(this.types).find((each) => each.endsWith(wanted));
    return key === undefined ? null : { kind: 'restricted', base: ANY, allows: (value) => this.mismatch(value, key) === null };
  }

  private nameOf(type: TypeRef): string {
    return type ? (type.split('#').at(-1) ?? type) : 'Any';
  }

  /** Unary tests that list the values of a type, of itself or of the type it is based on. */
  allowedOf(type: TypeRef): string | null {
    const found = this.find(type);
    return found ? (found.allowed ?? this.allowedOf(found.base)) : null;
  }

  /** The type of a field of a structure; without a name the type itself. */
  fieldOf(type: TypeRef, name: string | null): TypeRef {
    if (name === null) return type;
    const found = this.find(type);
    if (!found) return null;
    return found.fields ? (found.fields.find(([field]) => field === name)?.[1] ?? null) : this.fieldOf(found.base, name);
  }

  isList(type: TypeRef): boolean {
    const found = this.find(type);
    return found ? found.list || this.isList(found.base) : type === 'list';
  }

  /** Why a value does not conform, or null when it does. */
  private mismatch(value: unknown, type: TypeRef): string | null {
    if (type === null || value === null) return null;
    const found = this.find(type);
    if (!found) {
      const check = CHECKS[type];
      return !check || check(value) ? null : 'its type is another';
    }
    const reason = found.list ? this.mismatchOfList(value, found) : this.mismatchOfItem(value, found);
    return reason ?? this.refused(found.constraint, value, 'it breaks the constraint of its type');
  }

  private mismatchOfList(value: unknown, type: PlanType): string | null {
    if (!Array.isArray(value)) return 'it is no list';
    for (const item of value) {
      const reason = this.mismatchOfItem(item, type);
      if (reason) return `an item: ${reason}`;
    }
    return null;
  }

  private mismatchOfItem(value: unknown, type: PlanType): string | null {
    if (value === null) return null;
    if (type.function) return CHECKS.function?.(value) ? null : 'it is no function';
    if (type.fields) {
      if (!isContext(value)) return 'it is no context';
      for (const [name, field] of type.fields) {
        if (!Object.hasOwn(value, name)) return `entry ${name} is missing`;
        const reason = this.mismatch(value[name], field);
        if (reason) return `entry ${name}: ${reason}`;
      }
    }
    return this.mismatch(value, type.base) ?? this.refused(type.allowed, value, 'it is not among the allowed values');
  }

  private refused(tests: string | null, value: unknown, reason: string): string | null {
    if (tests === null) return null;
    try {
      return passes(tests, value, EMPTY) ? null : reason;
    } catch (error) {
      if (error instanceof TextFailed) return 'its allowed values cannot be read';
      throw error;
    }
  }

  /** The value as its type wants it; raises `TypeMismatch`. */
  coerce(value: unknown, type: TypeRef): unknown {
    if (type === null || value === null || value === undefined) return value ?? null;
    const reason = this.mismatch(value, type);
    if (reason === null) return value;
    const single = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : undefined;
    if (this.isList(type)) {
      if (!Array.isArray(value) && this.mismatch([value], type) === null) return [value];
    } else if (single !== undefined && single !== null && this.mismatch(single, type) === null) return single;
    if (value instanceof FeelDate && this.isDateTime(type)) {
      const moment = FeelDateTime.ofDate(value);
      if (this.mismatch(moment, type) === null) return moment;
    }
    throw new TypeMismatch(this.nameOf(type), reason);
  }

  private isDateTime(type: TypeRef): boolean {
    const found = this.find(type);
    return found ? !found.list && this.isDateTime(found.base) : type === 'date and time';
  }

  /** Data of a person or a process: dates, times and durations come as ISO text and are read where the type says so. */
  read(value: unknown, type: TypeRef): unknown {
    if (type === null || value === null || value === undefined) return value ?? null;
    const found = this.find(type);
    if (!found) return typeof value === 'string' ? (READERS[type]?.(value) ?? value) : value;
    if (found.list && Array.isArray(value)) return value.map((item) => this.readItem(item, found));
    return this.readItem(value, found);
  }

  private readItem(value: unknown, type: PlanType): unknown {
    if (!type.fields || !isContext(value)) return this.read(value, type.base);
    const types = new Map(type.fields);
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, this.read(entry, types.get(key) ?? null)]));
  }
}
