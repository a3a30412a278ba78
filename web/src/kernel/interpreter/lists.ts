import { calculate, truncated } from './arithmetic';
import { byPlace } from './calling';
import { type Num, addNumbers, compareNumbers, divideNumbers, isNumber, multiplyNumbers, squareRoot, subtractNumbers } from './decimal';
import { step, within } from './limits';
import { builtIn } from './signature';
import { type FeelFunction, type List, type Value, compare, equal, isList } from './values';

function same(a: Value, b: Value): boolean {
  step();
  return equal(a ?? null, b ?? null) === true;
}

function sized<T extends List>(list: T): T {
  within('items', list.length);
  return list;
}

/** The least by `wins`; null of nothing and of values without an order. */
function extreme(list: List, wins: number): Value {
  let best: Value = null;
  for (const [index, item] of list.entries()) {
    const order = index === 0 ? compare(item, item) : compare(item, best);
    if (order === null) return null;
    if (index === 0 || order === wins) best = item;
  }
  return best;
}

function numbers(list: List): Num[] | null {
  return list.every(isNumber) ? [...list] : null;
}

function total(list: List): Value {
  if (list.length === 0) return null;
  return list.slice(1).reduce<Value>((sum, item) => calculate('+', sum, item), addable(list[0]) ? list[0] : null);
}

function addable(value: Value): boolean {
  return typeof value !== 'string' && calculate('+', value, value) !== null;
}

function sumOf(list: readonly Num[]): Num | null {
  return list.reduce<Num | null>((sum, item) => (sum === null ? null : addNumbers(sum, item)), 0);
}

function mean(list: List): Value {
  return list.length === 0 ? null : calculate('/', total(list), list.length);
}

function product(list: List): Value {
  const found = numbers(list);
  if (!found || found.length === 0) return null;
  return found.reduce<Num | null>((result, item) => (result === null ? null : multiplyNumbers(result, item)), 1);
}

function sorted(list: readonly Num[]): Num[] {
  return [...list].sort(compareNumbers);
}

function median(list: List): Value {
  const found = numbers(list);
  if (!found || found.length === 0) return null;
  const ordered = sorted(found);
  const half = ordered.length / 2;
  if (!Number.isInteger(half)) return ordered[Math.floor(half)] ?? null;
  return calculate('/', calculate('+', ordered[half - 1], ordered[half]), 2);
}

function deviation(list: List): Value {
  const found = numbers(list);
  if (!found || found.length < 2) return null;
  const sum = sumOf(found);
  const middle = sum === null ? null : divideNumbers(sum, found.length);
  if (middle === null) return null;
  const squares = found.map((item) => {
    const difference = subtractNumbers(item, middle);
    return difference === null ? null : multiplyNumbers(difference, difference);
  });
  const all = squares.includes(null) ? null : sumOf(squares as Num[]);
  const variance = all === null ? null : divideNumbers(all, found.length - 1);
  return variance === null ? null : squareRoot(variance);
}

function mode(list: List): Value {
  const found = numbers(list);
  if (!found) return null;
  const counts: { value: Num; count: number }[] = [];
  for (const value of sorted(found)) {
    const last = counts.at(-1);
    if (last && compareNumbers(last.value, value) === 0) last.count += 1;
    else counts.push({ value, count: 1 });
  }
  const most = counts.reduce((max, { count }) => Math.max(max, count), 0);
  return counts.filter(({ count }) => count === most).map(({ value }) => value);
}

function all(list: List): boolean | null {
  if (list.includes(false)) return false;
  return list.every((item) => item === true) ? true : null;
}

function any(list: List): boolean | null {
  if (list.includes(true)) return true;
  return list.every((item) => item === false) ? false : null;
}

function sublist(list: List, start: Num, length: Num | null): Value {
  const from = truncated(start);
  const count = length === null ? null : truncated(length);
  if (from === null || from === 0 || Math.abs(from) > list.length || (length !== null && (count === null || count < 0))) return null;
  const begin = from > 0 ? from - 1 : list.length + from;
  if (count !== null && begin + count > list.length) return null;
  return list.slice(begin, count === null ? undefined : begin + count);
}

/** Index of a 1-based position, from the end when negative; null when there is no such place. */
function indexOf(list: List, position: Num): number | null {
  const place = truncated(position);
  if (place === null || place === 0 || Math.abs(place) > list.length) return null;
  return place > 0 ? place - 1 : list.length + place;
}

function insertBefore(list: List, position: Num, item: Value): Value {
  const at = indexOf(list, position);
  return at === null ? null : sized([...list.slice(0, at), item, ...list.slice(at)]);
}

function remove(list: List, position: Num): Value {
  const at = indexOf(list, position);
  return at === null ? null : [...list.slice(0, at), ...list.slice(at + 1)];
}

function replaceAt(list: List, position: Num, item: Value): Value {
  const at = indexOf(list, position);
  return at === null ? null : list.map((old, index) => (index === at ? item : old));
}

function replaceMatching(list: List, match: FeelFunction, item: Value): Value {
  const result: Value[] = [];
  for (const old of list) {
    const met = byPlace(match, [old, item]);
    if (typeof met !== 'boolean') return null;
    result.push(met ? item : old);
  }
  return result;
}

function distinct(list: List): List {
  const kept: Value[] = [];
  for (const item of list) if (!kept.some((old) => same(old, item))) kept.push(item);
  return kept;
}

function flattened(list: List): Value[] {
  const result: Value[] = [];
  const visit = (items: List): void => {
    for (const item of items) {
      step();
      if (isList(item)) visit(item);
      else result.push(item);
    }
  };
  visit(list);
  return sized(result);
}

/** Each argument as a list, a value as the list of it. */
function joined(lists: List): Value[] {
  const result: Value[] = [];
  for (const each of lists) {
    if (isList(each)) for (const item of each) result.push(item);
    else result.push(each);
    within('items', result.length);
  }
  return result;
}

function sort(list: List, precedes: FeelFunction | null): Value {
  const failures: Value[] = [];
  const before = (a: Value, b: Value): boolean => {
    step();
    const answer = precedes ? byPlace(precedes, [a, b]) : less(a, b);
    if (typeof answer !== 'boolean') failures.push(answer);
    return answer === true;
  };
  const result = [...list].sort((a, b) => (before(a, b) ? -1 : Number(before(b, a))));
  return failures.length > 0 ? null : result;
}

function less(a: Value, b: Value): boolean | null {
  const order = compare(a, b);
  return order === null ? null : order < 0;
}

export const lists = {
  'list contains': builtIn(['list: list, element: any', (list: List, element: Value) => list.some((item) => same(item, element))]),
  'list replace': builtIn(
    ['list: list, position: number, newItem: any', replaceAt],
    ['list: list, match: function, newItem: any', replaceMatching],
  ),
  count: builtIn(['...list', (list: List) => list.length]),
  min: builtIn(['...list', (list: List) => extreme(list, -1)]),
  max: builtIn(['...list', (list: List) => extreme(list, 1)]),
  sum: builtIn(['...list', total]),
  mean: builtIn(['...list', mean]),
  all: builtIn(['...list', all]),
  any: builtIn(['...list', any]),
  product: builtIn(['...list', product]),
  median: builtIn(['...list', median]),
  stddev: builtIn(['...list', deviation]),
  mode: builtIn(['...list', mode]),
  sublist: builtIn(['list: list, start position: number, length?: number', sublist]),
  append: builtIn(['list: list, item: any', (list: List, item: Value) => sized([...list, item])], ['...list: lists', ([list, ...items]: List) => ((list ?? null) === null || items.length === 0 ? null : sized([...(isList(list) ? list : [list]), ...items]))]),
  concatenate: builtIn(['...list: lists', (given: List) => (given.includes(null) ? null : joined(given))]),
  union: builtIn(['...list: lists', (given: List) => (given.includes(null) ? null : distinct(joined(given)))]),
  'insert before': builtIn(['list: list, position: number, newItem: any', insertBefore]),
  remove: builtIn(['list: list, position: number', remove]),
  reverse: builtIn(['list: list', (list: List) => [...list].reverse()]),
  'index of': builtIn(['list: list, match: any', (list: List, match: Value) => list.flatMap((item, index) => (same(item, match) ? [index + 1] : []))]),
  'distinct values': builtIn(['list: list', distinct]),
  flatten: builtIn(['list: list', flattened]),
  sort: builtIn(['list: list, precedes?: function', sort]),
};
