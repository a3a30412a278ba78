import { step } from './limits';
import { Bound, type Compile, type Names, type Run } from './scope';
import type { Node } from './syntax';
import { type Comparison, FeelRange, type List, type Value, compare, contains, equal, isList, kindOf } from './values';

/** A unary test ready to run on a value; null where it cannot be said. */
type Test = (names: Names, value: Value) => boolean | null;


export function compared(operator: Comparison, a: Value, b: Value): boolean | null {
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

export function rangeOf(operator: Comparison, end: Value): FeelRange {
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

function compileTest(compile: Compile, node: Node): Test {
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

/** Whether a value meets one of the tests. */
export function anyOf(compile: Compile, nodes: readonly Node[]): Test {
  const tests = nodes.map((node) => compileTest(compile, node));
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

export function compileTests(compile: Compile, { negated, tests }: Node & { type: 'tests' }): Run {
  if (!tests) return () => true;
  const any = anyOf(compile, tests);
  return (names) => {
    const met = any(names, names.find('?') ?? null);
    return met === null ? null : met !== negated;
  };
}
