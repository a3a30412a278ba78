import {
  BUILT_INS, FeelFunction, type Names, type Run, type Types, byPlace, compile, equal as feelEqual,
  readExpression, readUnaryTests, run,
} from '../interpreter';
import { namesOf } from '../names';
import { problemOf } from '../problems';

/**
 * Names in scope and, for structures, the names within: how an expression with names of several words is read. An object
 * of this kind is made once for each place of a plan, because its identity keeps what was compiled with it.
 */
export interface Shape {
  [name: string]: Shape | 1;
}

/** What an expression may read: FEEL values by name, and how these names are written. */
export interface Scope {
  values: Record<string, unknown>;
  shape: Shape;
}

/** A text has no value, for a reason that names no data. */
export class TextFailed extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
    this.name = 'TextFailed';
  }
}

export interface Reading {
  value: unknown;
  /** What was null on the way: the kind, and the part of the text. */
  warnings: { code: string; part: string }[];
}

let types: Types = () => null;

/** Types that `instance of` and parameters of functions may name, of the plan that runs. */
export function typesOfPlan(found: Types): void {
  types = found;
}

class ScopeNames implements Names {
  readonly types = types;

  constructor(private readonly values: Record<string, unknown>) {}

  find(name: string): unknown {
    return Object.hasOwn(this.values, name) ? this.values[name] : this.findFunction(name);
  }

  findFunction(name: string): unknown {
    const own = Object.hasOwn(this.values, name) ? this.values[name] : undefined;
    if (own instanceof FeelFunction) return own;
    return Object.hasOwn(BUILT_INS, name) ? BUILT_INS[name] : undefined;
  }
}

type Kind = 'expression' | 'test';

/** Compiled texts by the names they were read with. */
const compiled = new WeakMap<Shape, Map<string, Run>>();

function workOf(kind: Kind, text: string, shape: Shape): Run {
  let texts = compiled.get(shape);
  if (!texts) compiled.set(shape, (texts = new Map<string, Run>()));
  const key = `${kind}:${text}`;
  let work = texts.get(key);
  if (!work) {
    work = compile((kind === 'test' ? readUnaryTests : readExpression)(text, namesOf(shape)));
    texts.set(key, work);
  }
  return work;
}

function read(kind: Kind, text: string, values: Record<string, unknown>, shape: Shape): Reading {
  if (!text.trim()) throw new TextFailed('syntax', 'The expression is empty');
  const outer = run.notices;
  run.notices = [];
  try {
    const value = workOf(kind, text, shape)(new ScopeNames(values)) ?? null;
    return { value, warnings: run.notices.map(({ code, from, to }) => ({ code, part: text.slice(from, to) })) };
  } catch (error) {
    if (error instanceof TextFailed) throw error;
    const { code, message } = problemOf(error);
    throw new TextFailed(code, message);
  } finally {
    run.notices = outer;
  }
}

/** The value of an expression; raises `TextFailed`. */
export function evaluateText(text: string, scope: Scope): Reading {
  return read('expression', text, scope.values, scope.shape);
}

/** Whether a value passes unary tests, in a scope whose `?` it is; raises `TextFailed`. */
export function passes(tests: string, value: unknown, scope: Scope): boolean {
  return read('test', tests, { ...scope.values, '?': value }, scope.shape).value === true;
}

/** Like `passes`, in values that hold `?` already. */
export function passesIn(tests: string, values: Record<string, unknown>, shape: Shape): boolean {
  return read('test', tests, values, shape).value === true;
}

/** FEEL equality. */
export function equal(a: unknown, b: unknown): boolean {
  return feelEqual(a, b) === true;
}

/** The sum, the least or the greatest of values; null when one of them is null or they do not compare. */
export function aggregate(name: 'sum' | 'min' | 'max', list: unknown[]): unknown {
  return byPlace(BUILT_INS[name] as FeelFunction, [list]) ?? null;
}
