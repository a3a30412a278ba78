import { BUILT_INS } from './builtins';
import { compile } from './compile';
import type { Run } from './scope';
import { limits } from './limits';
import { Parser } from './parser';
import { KnownNames } from './reader';
import type { Node } from './syntax';

export { BUILT_INS } from './builtins';
export { calculate } from './arithmetic';
export * from './calendar';
export { byName, byPlace, makeFunction } from './calling';
export { compile } from './compile';
export { itemsOf } from './loops';
export { type Names, type Run, bind } from './scope';
export { textOf } from './conversions';
export { fromDouble, isNumber, numberText, readNumber, toDouble } from './decimal';
export { LimitReached, type Notice, configure, limits, notice, run, start } from './limits';
export { temporalOf } from './parser';
export { KnownNames, normalName } from './reader';
export { builtIn } from './signature';
export { FeelSyntaxError, type Node, type Place, type TypeNode } from './syntax';
export { ANY, type Type, type Types, builtInType, coerced, isOfType, resolveType } from './typing';
export { type Context, FeelFunction, FeelRange, type List, type Value, compare, entry, equal, isContext, isList, kindOf, put } from './values';

const BUILT_IN_NAMES = new KnownNames(Object.keys(BUILT_INS));

/** Names of functions beside FEEL's own that are more than one identifier; told once, before anything is read. */
export function alsoKnown(names: Iterable<string>): void {
  for (const name of names) BUILT_IN_NAMES.add(name);
}

/** Names of a model that are more than one identifier (`Monthly Salary`, `a-b`), beside those of FEEL's functions. */
export function knownNames(names: Iterable<string>): KnownNames {
  return new KnownNames(names, BUILT_IN_NAMES);
}

/** The tree of an expression. How it reads depends on the names of the model, never on data. Throws FeelSyntaxError. */
export function readExpression(source: string, known: KnownNames = BUILT_IN_NAMES): Node {
  return new Parser(source, known).whole();
}

/** The tree of unary tests over `?`: `< 5, [7..9]`, `not("a")`, `-`. */
export function readUnaryTests(source: string, known: KnownNames = BUILT_IN_NAMES): Node {
  return new Parser(source, known).unaryTests();
}

const KEPT = 2000;
const ready = { expression: new Map<string, Run>(), tests: new Map<string, Run>() };

/** An expression or unary test without names of a model, compiled once. */
export function compiled(source: string, unary: boolean): Run {
  const kept = unary ? ready.tests : ready.expression;
  let found = kept.get(source);
  if (!found) {
    found = compile(unary ? readUnaryTests(source) : readExpression(source));
    if (kept.size >= KEPT) kept.clear();
    if (source.length <= limits.source) kept.set(source, found);
  }
  return found;
}
