import { SyntaxError as FeelSyntaxError, evaluate as feelinEvaluate, unaryTest } from 'feelin';

import { ownFunctions } from './functions';
import { inspect } from './names';
import { NoClock, fromJson, toJson, typeOf } from './temporal';
import type { EvaluationResult, Json, KernelContext, KernelProblem, ParseResult, SourceExpression } from './types';

function problemOf(error: unknown): KernelProblem {
  if (error instanceof FeelSyntaxError) return { code: 'syntax', message: error.message, position: error.position };
  if (error instanceof NoClock) return { code: 'no_clock', message: error.message };
  // The library's texts end in the values that failed; values are personal data and stay out.
  const reason = error instanceof Error ? (error.message.split(':')[0] ?? '') : '';
  return { code: 'evaluation', message: `The expression cannot be evaluated (${reason})` };
}

/** Variables and functions an expression may name. */
export interface Scope {
  variables: Record<string, unknown>;
  functions: Record<string, unknown>;
}

/** Variables as FEEL sees them: JSON read back; `now` and `zone` are the clock's and no variables. */
export function scopeOf(context: KernelContext): Scope {
  const variables = fromJson(context) as Record<string, unknown>;
  delete variables.zone;
  delete variables.now;
  return { variables, functions: ownFunctions(context) };
}

interface Words {
  names: readonly string[];
  calls: ReadonlySet<string>;
}

const words = new Map<string, Words>();

/** Identifiers of a source text and those followed by `(`; a word in a text literal among them does no harm. */
function wordsOf(source: string): Words {
  let found = words.get(source);
  if (!found) {
    const names = new Set(source.match(/[\p{L}_][\p{L}\p{M}\p{N}_]*|\?/gu));
    const calls = new Set([...source.matchAll(/(?<![\w.])([A-Za-z]+)\s*\(/g)].map((match) => match[1] ?? ''));
    found = { names: [...names], calls };
    if (words.size >= 2000) words.clear();
    words.set(source, found);
  }
  return found;
}

/**
 * What the expression names: the interpreter copies all it is given, which is most of the cost of a call. A variable may
 * be called like one of our functions; the name followed by `(` is the function.
 */
function mentioned({ variables, functions }: Scope, { source, unary }: SourceExpression): Record<string, unknown> {
  const { names, calls } = wordsOf(source);
  const result: Record<string, unknown> = {};
  // A unary test reads `?` without naming it.
  for (const name of unary ? [...names, '?'] : names) {
    const from = calls.has(name) && Object.hasOwn(functions, name) ? functions : variables;
    if (Object.hasOwn(from, name)) {
      Object.defineProperty(result, name, { value: from[name], enumerable: true, configurable: true, writable: true });
    }
  }
  return result;
}

const WARNINGS: Record<string, string> = {
  NO_VARIABLE_FOUND: 'Variable not found',
  NO_CONTEXT_ENTRY_FOUND: 'Key not found',
  NO_PROPERTY_FOUND: 'Property not found',
  NOT_COMPARABLE: 'Values cannot be compared',
  INVALID_TYPE: 'Values do not fit the operation',
  INVALID_ARGUMENTS: 'Arguments do not fit the function',
  FUNCTION_INVOCATION_FAILURE: 'Function cannot be called like this',
  UNSUPPORTED: 'Not supported',
};

/** Evaluates one expression in a scope of `scopeOf`. */
export function evaluateIn(expression: SourceExpression, scope: Scope): EvaluationResult {
  const { id, source, unary } = expression;
  const failed = (error: KernelProblem): EvaluationResult => ({ id, value: null, type: 'null', warnings: [], error });
  if (!source.trim()) return failed({ code: 'syntax', message: 'The expression is empty', position: { from: 0, to: 0 } });
  try {
    const variables = mentioned(scope, expression);
    const { value, warnings } = unary ? unaryTest(source, variables) : feelinEvaluate(source, variables);
    const unknown = warnings.find((warning) => warning.type === 'NO_FUNCTION_FOUND');
    if (unknown) {
      const name = source.slice(unknown.position.from, unknown.position.to);
      return failed({ code: 'unknown_function', message: `Nothing to call in ${name}`, position: unknown.position });
    }
    const json: Json | undefined = toJson(value);
    if (json === undefined) {
      return failed({ code: 'result_type', message: 'The result is a function, a range or not a finite number' });
    }
    return {
      id,
      value: json,
      type: typeOf(value),
      warnings: warnings.map(({ type, position }) => ({
        code: type.toLowerCase(),
        message: `${WARNINGS[type] ?? type}: ${source.slice(position.from, position.to)}`,
        position,
      })),
    };
  } catch (error) {
    return failed(problemOf(error));
  }
}

/** Evaluates a batch over one context; an expression that fails carries its own error, the others go on. */
export function evaluate(expressions: readonly SourceExpression[], context: KernelContext): EvaluationResult[] {
  const scope = scopeOf(context);
  return expressions.map((expression) => evaluateIn(expression, scope));
}

function syntaxProblem({ source, unary }: SourceExpression): KernelProblem {
  if (!source.trim()) return { code: 'syntax', message: 'The expression is empty', position: { from: 0, to: 0 } };
  // The interpreter words a syntax error better than the tree; it fails before anything is evaluated.
  try {
    (unary ? unaryTest : feelinEvaluate)(source, {});
  } catch (error) {
    return problemOf(error);
  }
  return { code: 'syntax', message: 'The expression cannot be read', position: { from: 0, to: source.length } };
}

/** Checks a batch without values: syntax errors with position, unknown functions, the variables read. */
export function parse(expressions: readonly SourceExpression[]): ParseResult[] {
  return expressions.map((expression) => inspect(expression, syntaxProblem));
}
