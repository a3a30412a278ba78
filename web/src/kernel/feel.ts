import { ownFunctions } from './functions';
import { BUILT_INS, type FeelFunction, type Names, type Types, compiled, run, start } from './interpreter';
import { inspect } from './names';
import { problemOf } from './problems';
import { fromJson, toJson, typeOf } from './temporal';
import type { EvaluationResult, Json, KernelContext, KernelProblem, ParseResult, SourceExpression } from './types';

/** Variables (JSON) and functions an expression may name. */
export interface Scope {
  variables: Record<string, unknown>;
  functions: Record<string, FeelFunction>;
}

/** Variables as FEEL sees them; `now` and `zone` are the clock's and no variables. */
export function scopeOf(context: KernelContext): Scope {
  const variables: Record<string, unknown> = { ...context };
  delete variables.zone;
  delete variables.now;
  return { variables, functions: ownFunctions(context) };
}

const noTypes: Types = () => null;

/** Names of a scope: JSON is read when a name is first asked for. Bare `now` is the moment, a variable of no model. */
class ScopeNames implements Names {
  readonly types = noTypes;
  private readonly read = new Map<string, unknown>();

  constructor(private readonly scope: Scope) {}

  find(name: string): unknown {
    const { variables, functions } = this.scope;
    if (!Object.hasOwn(variables, name)) {
      return name === 'now' ? functions.now?.call([]) : this.findFunction(name);
    }
    let value = this.read.get(name);
    if (value === undefined) {
      value = fromJson(variables[name]);
      this.read.set(name, value);
    }
    return value;
  }

  findFunction(name: string): unknown {
    const { functions } = this.scope;
    if (Object.hasOwn(functions, name)) return functions[name];
    return Object.hasOwn(BUILT_INS, name) ? BUILT_INS[name] : undefined;
  }
}

const scopeNames = new WeakMap<Scope, Names>();

function namesOf(scope: Scope): Names {
  let names = scopeNames.get(scope);
  if (!names) {
    names = new ScopeNames(scope);
    scopeNames.set(scope, names);
  }
  return names;
}

const WARNINGS: Record<string, string> = {
  no_variable_found: 'Variable not found',
  no_context_entry_found: 'Key not found',
  no_property_found: 'Property not found',
  not_comparable: 'Values cannot be compared',
  invalid_type: 'Values do not fit the operation',
  invalid_arguments: 'Arguments do not fit the function',
  unsupported: 'Not supported',
};

/** Evaluates one expression in a scope of `scopeOf`. */
export function evaluateIn(expression: SourceExpression, scope: Scope): EvaluationResult {
  const { id, source, unary } = expression;
  const failed = (error: KernelProblem): EvaluationResult => ({ id, value: null, type: 'null', warnings: [], error });
  if (!source.trim()) return failed({ code: 'syntax', message: 'The expression is empty', position: { from: 0, to: 0 } });
  try {
    const work = compiled(source, unary ?? false);
    start(true);
    const value = work(namesOf(scope)) ?? null;
    const { notices } = run;
    const unknown = notices.find(({ code }) => code === 'no_function_found');
    if (unknown) {
      const { from, to } = unknown;
      return failed({ code: 'unknown_function', message: `Nothing to call in ${source.slice(from, to)}`, position: { from, to } });
    }
    const json: Json | undefined = toJson(value);
    if (json === undefined) {
      return failed({ code: 'result_type', message: 'The result is a function, a range or not a finite number' });
    }
    return {
      id,
      value: json,
      type: typeOf(value),
      warnings: notices.map(({ code, from, to }) => ({
        code,
        message: `${WARNINGS[code] ?? code}: ${source.slice(from, to)}`,
        position: { from, to },
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

/** Checks a batch without values: syntax errors with position, unknown functions, the variables read. */
export function parse(expressions: readonly SourceExpression[]): ParseResult[] {
  return expressions.map((expression) => inspect(expression));
}
