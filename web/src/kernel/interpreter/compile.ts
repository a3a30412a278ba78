import { FeelDate } from './calendar';
import { calculate, integerOf, negate } from './arithmetic';
import { isNumber } from './decimal';
import { limits, notice, run, step, within, LimitReached } from './limits';
import { propertyOf } from './properties';
import type { Iteration, Node } from './syntax';
import { type Type, type Types, coerced, isOfType, resolveType, signatures } from './typing';
import {
  type Comparison, type Context, FeelFunction, FeelRange, type List, type Value, compare, contains, entry, equal, isContext, isList,
  kindOf, put,
} from './values';

/** Where names get their values; undefined for a name that is not there. */
export interface Names {
  find(name: string): Value;
  /** A function by name, for a name followed by `(`. */
  findFunction(name: string): Value;
  readonly types: Types;
}

class Bound implements Names {
  readonly types: Types;

  constructor(private readonly outer: Names, private readonly name: string, public value: Value) {
    this.types = outer.types;
  }

  find(name: string): Value {
    return name === this.name ? this.value : this.outer.find(name);
  }

  findFunction(name: string): Value {
    return name === this.name && this.value instanceof FeelFunction ? this.value : this.outer.findFunction(name);
  }
}

/** Inside a filter the entries of the item are names, and `item` is the item unless it has an entry of that name. */
class Within implements Names {
  readonly types: Types;

  constructor(private readonly outer: Names, private readonly item: Value) {
    this.types = outer.types;
  }

  find(name: string): Value {
    const own = isContext(this.item) ? entry(this.item, name) : undefined;
    if (own !== undefined) return own;
    return name === 'item' ? this.item : this.outer.find(name);
  }

  findFunction(name: string): Value {
    const own = isContext(this.item) ? entry(this.item, name) : undefined;
    return own instanceof FeelFunction ? own : this.outer.findFunction(name);
  }
}

/** Inside a context its entries are names, a function also sees those that follow it and itself. */
class Entries implements Names {
  readonly types: Types;

  constructor(private readonly outer: Names, private readonly entries: Context) {
    this.types = outer.types;
  }

  find(name: string): Value {
    const own = entry(this.entries, name);
    return own === undefined ? this.outer.find(name) : own;
  }

  findFunction(name: string): Value {
    const own = entry(this.entries, name);
    return own instanceof FeelFunction ? own : this.outer.findFunction(name);
  }
}

/** Results of a loop so far: a copy for whoever asks. */
class Partial implements Names {
  readonly types: Types;

  constructor(private readonly outer: Names, private readonly results: List) {
    this.types = outer.types;
  }

  find(name: string): Value {
    if (name !== 'partial') return this.outer.find(name);
    run.steps += this.results.length;
    step();
    return [...this.results];
  }

  findFunction(name: string): Value {
    return this.outer.findFunction(name);
  }
}

export function bind(names: Names, name: string, value: Value): Names {
  return new Bound(names, name, value);
}

/** An expression ready to run. */
export type Run = (names: Names) => Value;
/** A unary test ready to run on a value; null where it cannot be said. */
type Test = (names: Names, value: Value) => boolean | null;

function compileName({ name, from, to }: Node & { type: 'name' }): Run {
  return (names) => {
    const value = names.find(name);
    return value === undefined ? notice('no_variable_found', from, to) : value;
  };
}

function member(target: Value, name: string, from: number, to: number): Value {
  if (isContext(target)) {
    const value = entry(target, name);
    return value === undefined ? notice('no_context_entry_found', from, to) : value;
  }
  if (target === null || target === undefined) return null;
  if (isList(target)) return target.map((item) => member(item, name, from, to));
  const value = propertyOf(target, name);
  return value === undefined ? notice('no_property_found', from, to) : value;
}

function compilePath({ target, name, from, to }: Node & { type: 'path' }): Run {
  const inner = compile(target);
  return (names) => member(inner(names), name, from, to);
}

function at(list: List, index: Value): Value {
  const place = integerOf(index);
  if (place === null) return null;
  return list[place > 0 ? place - 1 : list.length + place] ?? null;
}

function filtered(list: List, filter: Run, names: Names): Value {
  const first = filter(new Within(names, list.length > 0 ? list[0] : null));
  if (isNumber(first)) return at(list, first);
  const kept: Value[] = [];
  for (const [index, item] of list.entries()) {
    step();
    const met = index === 0 ? first : filter(new Within(names, item));
    if (met === true) kept.push(item);
    else if (met !== false && met !== null) return null;
  }
  return kept;
}

function compileFilter({ target, filter }: Node & { type: 'filter' }): Run {
  const inner = compile(target);
  const keep = compile(filter);
  const written = filter.type === 'literal' ? filter.value : undefined;
  return (names) => {
    const value = inner(names);
    if (isContext(value) && run.lenient) {
      // The dialect reads an entry by its key: `deadlines["supplement.applicant"]`.
      const key = keep(names);
      if (typeof key === 'string') return entry(value, key) ?? null;
    }
    if (value === null || value === undefined) return null;
    const list = isList(value) ? value : [value];
    if (isNumber(written)) return at(list, written);
    return filtered(list, keep, names);
  };
}

function compileCall({ target, args, names: named, from, to }: Node & { type: 'call' }): Run {
  const callee: Run = target.type === 'name'
    ? (names) => names.findFunction(target.name)
    : compile(target);
  const values = args.map(compile);
  return (names) => {
    const called = callee(names);
    if (!(called instanceof FeelFunction)) return notice('no_function_found', target.from, target.to);
    const given = values.map((value) => value(names));
    const result = named ? byName(called, named, given) : byPlace(called, given);
    return result === undefined ? notice('invalid_arguments', from, to) : result;
  };
}

function called(work: () => Value): Value {
  step();
  run.depth += 1;
  if (run.depth > limits.depth) throw new LimitReached('depth');
  try {
    return work();
  } finally {
    run.depth -= 1;
  }
}

/** Calls a function with arguments in order; undefined when they do not fit. */
export function byPlace(target: FeelFunction, args: Value[]): Value {
  return called(() => target.call(args));
}

/** Calls a function with arguments by name; undefined when they do not fit. */
export function byName(target: FeelFunction, names: readonly string[], args: Value[]): Value {
  if (new Set(names).size !== names.length) return undefined;
  if (target.byName) {
    const given: Record<string, Value> = {};
    names.forEach((name, index) => { put(given, name, args[index]); });
    return called(() => target.byName?.(given));
  }
  const { parameters } = target;
  if (!parameters || !names.every((name) => parameters.some((each) => each.name === name))) return undefined;
  const ordered: Value[] = [];
  for (const [index, { name, optional }] of parameters.entries()) {
    const place = names.indexOf(name);
    if (place < 0 && !optional) return undefined;
    ordered[index] = place < 0 ? null : args[place];
  }
  return byPlace(target, ordered);
}

function compileContext({ entries }: Node & { type: 'context' }): Run {
  const values = entries.map(([key, node]) => [key, compile(node)] as const);
  const keys = new Set(entries.map(([key]) => key));
  return (names) => {
    if (keys.size !== entries.length) return null;
    const result: Record<string, Value> = {};
    const inner = new Entries(names, result);
    for (const [key, value] of values) put(result, key, value(inner));
    return result;
  };
}

/** A function over names, with types of its parameters where declared. */
export function makeFunction(parameters: readonly { name: string; type: Type | null }[], body: Run, names: Names, result: Type | null = null): FeelFunction {
  const made = new FeelFunction(parameters.map(({ name }) => ({ name })), (args) => {
    if (args.length !== parameters.length) return undefined;
    let inner = names;
    for (const [index, { name, type }] of parameters.entries()) {
      const given = args[index] ?? null;
      const value = type ? coerced(given, type) : given;
      if (value === null && given !== null) return undefined;
      inner = new Bound(inner, name, value);
    }
    const value = body(inner);
    return result ? coerced(value, result) : value;
  });
  signatures.set(made, { parameters: parameters.map(({ type }) => type), result });
  return made;
}

function compileFunction({ parameters, body, external, from, to }: Node & { type: 'function' }): Run {
  // A function of the host: there is none.
  if (external) return () => notice('unsupported', from, to);
  const inner = compile(body);
  return (names) => {
    const typed = parameters.map(({ name, as }) => ({ name, type: as ? resolveType(as, names.types) : null }));
    return makeFunction(typed, inner, names);
  };
}

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
function compileDomain({ domain, end }: Iteration): (names: Names) => List | null {
  const start = compile(domain);
  if (!end) return (names) => itemsOf(start(names));
  const last = compile(end);
  return (names) => counted(start(names), last(names));
}

/** Runs `each` for every combination; it answers false to stop. Null when a domain is none. */
function iterate(iterations: readonly Iteration[], each: (names: Names) => boolean): (names: Names) => boolean | null {
  const [first, ...rest] = iterations;
  if (!first) return each;
  const domain = compileDomain(first);
  const inner = iterate(rest, each);
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

function compileFor({ iterations, body }: Node & { type: 'for' }): Run {
  const value = compile(body);
  const stack: Value[][] = [];
  const loop = iterate(iterations, (names) => {
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

function compileQuantified({ every, iterations, body }: Node & { type: 'quantified' }): Run {
  const condition = compile(body);
  const state: { unknown: boolean }[] = [];
  const loop = iterate(iterations, (names) => {
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

function compileLogic({ every, left, right }: Node & { type: 'logic' }): Run {
  const [a, b] = [compile(left), compile(right)];
  return (names) => {
    const first = a(names);
    if (first === !every) return !every;
    const second = b(names);
    if (second === !every) return !every;
    return first === every && second === every ? every : null;
  };
}

function compared(operator: Comparison, a: Value, b: Value): boolean | null {
  if (operator === '=') return equal(a, b);
  if (operator === '!=') {
    const same = equal(a, b);
    return same === null ? null : !same;
  }
  const order = compare(a, b);
  if (order === null) return null;
  switch (operator) {
    case '<': return order < 0;
    case '<=': return order <= 0;
    case '>': return order > 0;
    case '>=': return order >= 0;
  }
}

function compileCompare({ operator, left, right, from, to }: Node & { type: 'compare' }): Run {
  const [a, b] = [compile(left), compile(right)];
  return (names) => {
    const result = compared(operator, a(names), b(names));
    return result === null ? notice('not_comparable', from, to) : result;
  };
}

function compileArithmetic({ operator, left, right, from, to }: Node & { type: 'arithmetic' }): Run {
  const [a, b] = [compile(left), compile(right)];
  return (names) => calculate(operator, a(names), b(names)) ?? notice('invalid_type', from, to);
}

function rangeOf(operator: Comparison, end: Value): FeelRange {
  switch (operator) {
    case '<': return new FeelRange(null, end, false, false, operator);
    case '<=': return new FeelRange(null, end, false, true, operator);
    case '>': return new FeelRange(end, null, false, false, operator);
    case '>=': return new FeelRange(end, null, true, false, operator);
    case '=': return new FeelRange(end, end, true, true, operator);
    case '!=': return new FeelRange(end, end, false, false, operator);
  }
}

/** Kinds of expressions whose truth is the test, not a value to be equal to. */
const CONDITIONS = new Set(['compare', 'logic', 'between', 'in', 'instance', 'quantified']);

function mentionsInput(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some(mentionsInput);
  if ('type' in node && node.type === 'literal') return false;
  if ('type' in node && 'name' in node && node.type === 'name' && node.name === '?') return true;
  return Object.values(node).some(mentionsInput);
}

function inList(list: List, value: Value): boolean {
  return list.some((item) => {
    step();
    if (item instanceof FeelRange) return contains(item, value) === true;
    return equal(item, value) === true || (isList(item) && item.some((inner) => inner instanceof FeelRange && contains(inner, value) === true));
  });
}

function meets(value: Value, wanted: Value): boolean | null {
  if (wanted instanceof FeelRange) return value instanceof FeelRange ? equal(value, wanted) : contains(wanted, value);
  if (isList(wanted)) return equal(value, wanted) === true || inList(wanted, value);
  return equal(value, wanted);
}

function compileTest(node: Node): Test {
  if (node.type === 'test') {
    const operand = compile(node.operand);
    const { operator } = node;
    return (names, value) => compared(operator, value, operand(new Bound(names, '?', value)));
  }
  const wanted = compile(node);
  const condition = mentionsInput(node);
  const boolean = condition || CONDITIONS.has(node.type);
  return (names, value) => {
    const found = wanted(new Bound(names, '?', value));
    if (typeof found === 'boolean' && (boolean || kindOf(value) !== 'boolean')) return found;
    if (condition && found === null) return null;
    return meets(value, found);
  };
}

function anyOf(tests: readonly Test[]): Test {
  return (names, value) => {
    let result: boolean | null = false;
    for (const test of tests) {
      const met = test(names, value);
      if (met === true) return true;
      if (met === null) result = null;
    }
    return result;
  };
}

function compileTests({ negated, tests }: Node & { type: 'tests' }): Run {
  if (!tests) return () => true;
  const any = anyOf(tests.map(compileTest));
  return (names) => {
    const met = any(names, names.find('?') ?? null);
    return met === null ? null : met !== negated;
  };
}

function compileInstance({ value, of }: Node & { type: 'instance' }): Run {
  const inner = compile(value);
  return (names) => {
    const type = resolveType(of, names.types);
    return type ? isOfType(inner(names), type) : null;
  };
}

/** The expression of a tree, ready to run any number of times. */
export function compile(node: Node): Run {
  switch (node.type) {
    case 'literal': return () => node.value;
    case 'name': return compileName(node);
    case 'path': return compilePath(node);
    case 'filter': return compileFilter(node);
    case 'call': return compileCall(node);
    case 'list': {
      const items = node.items.map(compile);
      return (names) => items.map((item) => item(names));
    }
    case 'context': return compileContext(node);
    case 'function': return compileFunction(node);
    case 'if': {
      const [condition, yes, no] = [compile(node.condition), compile(node.yes), compile(node.no)];
      return (names) => (condition(names) === true ? yes(names) : no(names));
    }
    case 'for': return compileFor(node);
    case 'quantified': return compileQuantified(node);
    case 'logic': return compileLogic(node);
    case 'compare': return compileCompare(node);
    case 'arithmetic': return compileArithmetic(node);
    case 'negation': {
      const operand = compile(node.operand);
      return (names) => negate(operand(names)) ?? notice('invalid_type', node.from, node.to);
    }
    case 'between': {
      const [value, low, high] = [compile(node.value), compile(node.low), compile(node.high)];
      return (names) => contains(new FeelRange(low(names), high(names), true, true), value(names)) ?? notice('not_comparable', node.from, node.to);
    }
    case 'in': {
      const value = compile(node.value);
      const test = anyOf(node.tests.map(compileTest));
      return (names) => test(names, value(names));
    }
    case 'instance': return compileInstance(node);
    case 'range': {
      const [start, end] = [compile(node.start), compile(node.end)];
      return (names) => new FeelRange(start(names), end(names), node.startIncluded, node.endIncluded);
    }
    case 'test': {
      const operand = compile(node.operand);
      return (names) => rangeOf(node.operator, operand(names));
    }
    case 'tests': return compileTests(node);
  }
}

export type { Context };
