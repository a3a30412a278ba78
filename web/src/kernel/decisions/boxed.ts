import { FeelFunction, byName, isContext, itemsOf } from '../interpreter';

import { type Scope, type Shape } from './feel';
import type {
  BoxedContext, Conditional, Expression, Filter, FunctionExpression, Invocation, Iteration, Relation, TypeRef,
} from './plan';
import type { Run } from './run';
import { evaluateTable } from './table';

/** The value of a boxed expression (DMN 1.5 §10.2): null, with a problem reported, where it has none. */
export function evaluateBoxed(expression: Expression | null, scope: Scope, run: Run): unknown {
  if (!expression) return null;
  const value = valueOf(expression, scope, run);
  return run.coerced(value, expression.kind === 'function' ? null : (expression.type ?? null), expression.at);
}

function valueOf(expression: Expression, scope: Scope, run: Run): unknown {
  switch (expression.kind) {
    case 'literal':
      return run.text(expression.text, scope, expression.at);
    case 'table':
      return evaluateTable(expression, scope, run);
    case 'context':
      return contextValue(expression, scope, run);
    case 'invocation':
      return invoked(expression, scope, run);
    case 'function':
      return functionValue(expression, () => scope, run, expression.type ?? null);
    case 'list':
      return expression.items.map((item) => evaluateBoxed(item, scope, run));
    case 'relation':
      return relationValue(expression, scope, run);
    case 'conditional':
      return conditionalValue(expression, scope, run);
    case 'filter':
      return filtered(expression, scope, run);
    default:
      return iterated(expression, scope, run);
  }
}

function contextValue(context: BoxedContext, scope: Scope, run: Run): unknown {
  const result: Record<string, unknown> = {};
  let inner = scope;
  for (const entry of context.entries) {
    const value = run.coerced(evaluateBoxed(entry.expression, inner, run), entry.type, entry.expression?.at ?? context.at);
    if (entry.name === null) return value;
    result[entry.name] = value;
    const { name } = entry;
    const { shape } = inner;
    inner = {
      values: { ...inner.values, [name]: value },
      shape: run.shapeAt(entry, () => {
        const typed = run.shapes.ofType(entry.type);
        return run.shapes.withName(shape, name, typed === 1 ? run.shapes.ofExpression(entry.expression, shape) : typed);
      }),
    };
  }
  return result;
}

function invoked(invocation: Invocation, scope: Scope, run: Run): unknown {
  const target = evaluateBoxed(invocation.function, scope, run);
  if (!(target instanceof FeelFunction)) {
    run.problem('notAFunction', 'What is invoked is no function', invocation.at);
    return null;
  }
  const bound: Record<string, unknown> = {};
  for (const { name, type, expression } of invocation.bindings) {
    bound[name] = run.coerced(evaluateBoxed(expression, scope, run), type, expression?.at ?? invocation.at);
  }
  const { parameters } = target;
  const unknown = parameters ? Object.keys(bound).filter((name) => !parameters.some((each) => each.name === name)) : [];
  if (unknown.length > 0) {
    run.problem('unknownParameter', `The function has no parameter ${unknown.join(', ')}`, invocation.at);
    return null;
  }
  return run.guarded(invocation.at, null, () => {
    const value = byName(target, Object.keys(bound), Object.values(bound));
    return value === undefined ? run.missingArgument(invocation.at) : value;
  });
}

/** A function value over the scope where it is defined, asked for when it is called: functions may call one another. */
export function functionValue(expression: FunctionExpression, scopeOf: () => Scope, run: Run, result: TypeRef): FeelFunction | null {
  if (expression.language !== 'FEEL') {
    run.problem('externalFunction', `Functions in ${expression.language} are not run`, expression.at);
    return null;
  }
  const names = expression.parameters.map(([name]) => name);
  const call = (given: readonly unknown[]): unknown =>
    run.calling(expression.at, () => {
      const scope = scopeOf();
      const shape = run.shapeAt(expression, () => run.shapes.withParameters(scope.shape, expression.parameters));
      const values = { ...scope.values };
      for (const [index, [name, type]] of expression.parameters.entries()) {
        const checked = run.checked(given[index] ?? null, type, expression.at);
        if (!checked.fits) return null;
        values[name] = checked.value;
      }
      return run.coerced(evaluateBoxed(expression.body, { values, shape }, run), result, expression.at);
    });
  const parameters = names.map((name) => ({ name }));
  return new FeelFunction(parameters, (given) => (given.length === names.length ? call(given) : run.missingArgument(expression.at)));
}

function relationValue(relation: Relation, scope: Scope, run: Run): unknown {
  return relation.rows.map((row) =>
    Object.fromEntries(relation.columns.map(([name, type], column) => {
      const cell = row[column] ?? null;
      return [name, run.coerced(evaluateBoxed(cell, scope, run), type, cell?.at ?? relation.at)];
    })));
}

function conditionalValue(conditional: Conditional, scope: Scope, run: Run): unknown {
  const condition = evaluateBoxed(conditional.if, scope, run);
  if (condition !== null && typeof condition !== 'boolean') {
    run.problem('conditionNotBoolean', 'The condition is neither true nor false', conditional.at);
  }
  return evaluateBoxed(condition === true ? conditional.then : conditional.else, scope, run);
}

function asList(value: unknown): unknown[] | null {
  if (value === null) return null;
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function filtered(filter: Filter, scope: Scope, run: Run): unknown {
  const list = asList(evaluateBoxed(filter.in, scope, run));
  if (!list) return null;
  const shape = run.shapeAt(filter, () => {
    const item = run.shapes.ofExpression(filter.in, scope.shape);
    return { ...scope.shape, ...(item === 1 ? {} : item), item };
  });
  const kept: unknown[] = [];
  for (const item of list) {
    const values = { ...scope.values, ...(isContext(item) ? item : {}), item };
    const match = evaluateBoxed(filter.match, { values, shape }, run);
    if (match === true) kept.push(item);
    else if (match !== false && match !== null) {
      run.problem('matchNotBoolean', 'What a filter asks is neither true nor false', filter.at);
      return null;
    }
  }
  return kept;
}

function iterated(iteration: Iteration, scope: Scope, run: Run): unknown {
  const source = evaluateBoxed(iteration.in, scope, run);
  const list = itemsOf(source);
  if (!list) return null;
  const shape: Shape = run.shapeAt(iteration, () => ({
    ...run.shapes.withName(scope.shape, iteration.variable, run.shapes.ofExpression(iteration.in, scope.shape)),
    partial: 1,
  }));
  const partial: unknown[] = [];
  const isRead = iteration.kind === 'for' && JSON.stringify(iteration.body).includes('partial');
  for (const item of list) {
    const values = { ...scope.values, [iteration.variable]: item, ...(isRead ? { partial: [...partial] } : {}) };
    partial.push(evaluateBoxed(iteration.body, { values, shape }, run));
  }
  if (iteration.kind === 'for') return partial;
  return quantified(iteration.kind, partial);
}

/** `some` is a disjunction, `every` a conjunction of three-valued answers; anything but a boolean is unknown. */
function quantified(kind: 'some' | 'every', answers: readonly unknown[]): boolean | null {
  const decisive = kind === 'some';
  if (answers.includes(decisive)) return decisive;
  return answers.every((answer) => answer === !decisive) ? !decisive : null;
}
