import { integerOf } from './arithmetic';
import { FeelDate } from './calendar';
import { LimitReached, limits, step, within } from './limits';
import { Bound, type Compile, type Names, Partial, type Run } from './scope';
import type { Iteration, Node } from './syntax';
import { FeelRange, type List, type Value, isList } from './values';

function ends(start: Value, end: Value): { low: number; high: number; date: boolean } | null {
  if (start instanceof FeelDate && end instanceof FeelDate) return { low: start.number, high: end.number, date: true };
  const [low, high] = [integerOf(start), integerOf(end)];
  return low === null || high === null ? null : { low, high, date: false };
}

/** Numbers or dates from one end to the other, in either direction; null when they cannot be counted. */
function counted(start: Value, end: Value): List | null {
  const found = ends(start, end);
  if (!found) return null;
  const { low, high, date } = found;
  within('items', Math.abs(high - low) + 1);
  const direction = low <= high ? 1 : -1;
  return Array.from({ length: Math.abs(high - low) + 1 }, (_, index) => {
    const number = low + index * direction;
    return date ? FeelDate.ofNumber(number) : number;
  });
}

/** What a loop over a value runs over: the items of a list or a range, a value alone; null of nothing. */
export function itemsOf(value: Value): List | null {
  if (isList(value)) return value;
  if (value instanceof FeelRange) {
    const found = ends(value.start, value.end);
    if (!found || found.low > found.high) return null;
    const list = counted(value.start, value.end);
    return list && list.slice(value.startIncluded ? 0 : 1, value.endIncluded ? undefined : -1);
  }
  return value === null || value === undefined ? null : [value];
}

/** Values that a loop runs over; null when the domain is none. */
function compileDomain(compile: Compile, { domain, end }: Iteration): (names: Names) => List | null {
  const start = compile(domain);
  if (!end) return (names) => itemsOf(start(names));
  const last = compile(end);
  return (names) => counted(start(names), last(names));
}

/** Runs `each` for every combination; it answers false to stop. Null when a domain is none. */
function iterate(compile: Compile, iterations: readonly Iteration[], each: (names: Names) => boolean): (names: Names) => boolean | null {
  const [first, ...rest] = iterations;
  if (!first) return each;
  const domain = compileDomain(compile, first);
  const inner = iterate(compile, rest, each);
  return (names) => {
    const values = domain(names);
    if (!values) return null;
    for (const value of values) {
      step();
      const on = inner(new Bound(names, first.name, value));
      if (on !== true) return on;
    }
    return true;
  };
}

export function compileFor(compile: Compile, { iterations, body }: Node & { type: 'for' }): Run {
  const value = compile(body);
  const stack: Value[][] = [];
  const loop = iterate(compile, iterations, (names) => {
    const results = stack.at(-1) ?? [];
    results.push(value(names));
    if (results.length > limits.items) throw new LimitReached('items');
    return true;
  });
  return (names) => {
    const results: Value[] = [];
    stack.push(results);
    try {
      return loop(new Partial(names, results)) === null ? null : results;
    } finally {
      stack.pop();
    }
  };
}

export function compileQuantified(compile: Compile, { every, iterations, body }: Node & { type: 'quantified' }): Run {
  const condition = compile(body);
  const state: { unknown: boolean }[] = [];
  const loop = iterate(compile, iterations, (names) => {
    const value = condition(names);
    if (typeof value !== 'boolean') {
      const top = state.at(-1);
      if (top) top.unknown = true;
      return true;
    }
    return value === every;
  });
  return (names) => {
    const own = { unknown: false };
    state.push(own);
    try {
      const all = loop(names);
      if (all === null) return null;
      if (!all) return !every;
      return own.unknown ? null : every;
    } finally {
      state.pop();
    }
  };
}
