import { FeelDate, FeelDateTime, FeelTime, MonthsDuration, TimeDuration } from './calendar';
import { isNumber } from './decimal';
import { type Context, FeelFunction, FeelRange, type Value, isContext, isList } from './values';

/** Kinds of parameters; `any` takes null too. */
const KINDS: Record<string, (value: Value) => boolean> = {
  number: isNumber,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  list: isList,
  context: isContext,
  date: (value) => value instanceof FeelDate,
  time: (value) => value instanceof FeelTime,
  'date and time': (value) => value instanceof FeelDateTime,
  day: (value) => value instanceof FeelDate || value instanceof FeelDateTime,
  duration: (value) => value instanceof TimeDuration || value instanceof MonthsDuration,
  'time duration': (value) => value instanceof TimeDuration,
  function: (value) => value instanceof FeelFunction,
  range: (value) => value instanceof FeelRange,
  point: (value) => value !== null && value !== undefined && !(value instanceof FeelRange) && !isList(value),
  any: () => true,
};

interface Formal {
  name: string;
  kind: string;
  optional: boolean;
}

type Body = (...args: never[]) => Value;

interface Form {
  formals: Formal[];
  /** The arguments are one list, or the items of it. */
  variadic: boolean;
  body: Body;
}

/** `list: list, length?: number`; `...list` for a list or its items. */
function formOf(text: string, body: Body): Form {
  const variadic = text.startsWith('...');
  const formals = text.replace('...', '').split(', ').filter(Boolean).map((part) => {
    const [name = '', kind = 'any'] = part.split(': ');
    return { name: name.replace('?', ''), kind, optional: name.endsWith('?') };
  });
  return { formals, variadic, body };
}

const UNFIT = Symbol('unfit');

function fitted(value: Value, { kind, optional }: Formal): Value {
  const fits = KINDS[kind];
  const given = value ?? null;
  if (given === null) return optional || kind === 'any' ? given : UNFIT;
  if (fits?.(given)) return given;
  if (kind === 'list') return [given];
  // A list of one stands for its item.
  return isList(given) && given.length === 1 && fits?.(given[0]) ? given[0] : UNFIT;
}

function run(form: Form, args: readonly Value[]): Value {
  const { formals, body } = form;
  if (args.length > formals.length) return UNFIT;
  const values: Value[] = [];
  for (const [index, formal] of formals.entries()) {
    if (index >= args.length && !formal.optional) return UNFIT;
    const value = fitted(args[index], formal);
    if (value === UNFIT) return UNFIT;
    values.push(value);
  }
  return (body as (...given: Value[]) => Value)(...values);
}

function runVariadic({ formals, body }: Form, args: readonly Value[]): Value {
  if (args.length === 0) return UNFIT;
  const [first] = args;
  if (args.length === 1 && (first ?? null) === null) return UNFIT;
  const list = args.length === 1 && formals[0]?.kind !== 'lists' ? fitted(first, { name: '', kind: 'list', optional: false }) : args;
  return (body as (given: Value) => Value)(list);
}

function runNamed(form: Form, args: Context): Value {
  const { formals, variadic } = form;
  const names = Object.keys(args);
  if (!names.every((name) => formals.some((formal) => formal.name === name))) return UNFIT;
  if (formals.some(({ name, optional }) => !optional && !Object.hasOwn(args, name))) return UNFIT;
  const ordered = formals.map(({ name }) => args[name] ?? null);
  return variadic ? runVariadic(form, ordered) : run(form, ordered);
}

function first(forms: readonly Form[], attempt: (form: Form) => Value): Value {
  for (const form of forms) {
    const result = attempt(form);
    if (result !== UNFIT) return result;
  }
  return undefined;
}

/** A built-in function: each form is its parameters and what it does; the first that fits is called. */
export function builtIn(...forms: readonly [string, Body][]): FeelFunction {
  const read = forms.map(([text, body]) => formOf(text, body));
  return new FeelFunction(
    null,
    (args) => first(read, (form) => (form.variadic ? runVariadic(form, args) : run(form, args))),
    (args) => first(read, (form) => runNamed(form, args)),
  );
}
