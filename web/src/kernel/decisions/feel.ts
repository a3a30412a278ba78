import { SyntaxError as FeelSyntaxError, evaluate, unaryTest } from 'feelin';

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

interface FeelResult {
  value: unknown;
  warnings: { type: string; position: { from: number; to: number } }[];
}

// The library's third parameter is a dialect; the correction made while bundling takes the shape there.
const run = {
  expression: evaluate as unknown as (text: string, values: Record<string, unknown>, shape: Shape) => FeelResult,
  test: unaryTest as unknown as (text: string, values: Record<string, unknown>, shape: Shape) => FeelResult,
};

function read(kind: keyof typeof run, text: string, values: Record<string, unknown>, shape: Shape): Reading {
  if (!text.trim()) throw new TextFailed('syntax', 'The expression is empty');
  try {
    const { value, warnings } = run[kind](text, values, shape);
    const rows = warnings.map(({ type, position }) => ({ code: type, part: text.slice(position.from, position.to) }));
    return { value: value === undefined ? null : value, warnings: rows };
  } catch (error) {
    if (error instanceof TextFailed) throw error;
    if (error instanceof FeelSyntaxError) throw new TextFailed('syntax', error.message);
    if (error instanceof RangeError) throw new TextFailed('tooDeep', 'The expression calls itself too often');
    // The library's texts end in the values that failed; values are personal data and stay out.
    const reason = error instanceof Error ? (error.message.split(':')[0] ?? '') : '';
    throw new TextFailed('evaluation', `The expression cannot be evaluated (${reason})`);
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

const PAIR: Shape = { a: 1, b: 1 };

/** FEEL equality. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b;
  return read('expression', 'a = b', { a, b }, PAIR).value === true;
}

/** The sum, the least or the greatest of values; null when one of them is null or they do not compare. */
export function aggregate(name: 'sum' | 'min' | 'max', list: unknown[]): unknown {
  if (name === 'sum') return read('expression', 'sum(a)', { a: list }, PAIR).value;
  let [best] = list;
  for (const item of list) {
    const values = name === 'min' ? { a: item, b: best } : { a: best, b: item };
    const { value } = read('expression', 'a < b', values, PAIR);
    if (typeof value !== 'boolean') return null;
    if (value) best = item;
  }
  return best;
}
