import { calculate, integerOf, negate } from './arithmetic';
import { byName, byPlace, makeFunction } from './calling';
import { isNumber } from './decimal';
import { notice, run, step } from './limits';
import { compileFor, compileQuantified } from './loops';
import { propertyOf } from './properties';
import { Entries, type Names, type Run, Within } from './scope';
import type { Node } from './syntax';
import { isOfType, resolveType } from './typing';
import { anyOf, compared, compileTests, rangeOf } from './unary';
import { FeelFunction, FeelRange, type List, type Value, contains, entry, isContext, isList, put } from './values';

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

function compileFunction({ parameters, body, external, from, to }: Node & { type: 'function' }): Run {
  // A function of the host: there is none.
  if (external) return () => notice('unsupported', from, to);
  const inner = compile(body);
  return (names) => {
    const typed = parameters.map(({ name, as }) => ({ name, type: as ? resolveType(as, names.types) : null }));
    return makeFunction(typed, inner, names);
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
    case 'for': return compileFor(compile, node);
    case 'quantified': return compileQuantified(compile, node);
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
      const test = anyOf(compile, node.tests);
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
    case 'tests': return compileTests(compile, node);
  }
}
