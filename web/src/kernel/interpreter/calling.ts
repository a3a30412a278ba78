import { LimitReached, limits, run, step } from './limits';
import { Bound, type Names, type Run } from './scope';
import { type Type, coerced, signatures } from './typing';
import { FeelFunction, type Value, put } from './values';

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
