import type { Plugin } from 'vite';

/**
 * Corrections to feelin 8.2.0, made while bundling. Each replaces exact text and fails the build when that text is
 * gone, so that an update of the library cannot silently drop one.
 *
 * 1. `"abc" >= 5` and `today() >= "2030-01-01"` are true in feelin: values of two types meet in a comparison that
 *    yields NaN, which it takes for "equal". Values of different types must not be comparable: null.
 * 2. Dates are strings once they were stored as JSON. A string compared with, added to or subtracted from a date,
 *    date-time or duration is read as one when it is written as one.
 * 3. A local and a zoned date-time have no order: null, not a comparison that is wrong by the offset.
 * 5. A decision model declares its names, which may be anything (`Applicant's age`, `a-b`): `evaluate`, `unaryTest` and the
 *    parsers take a shape (names, nested for structures) instead of a dialect; the object itself keys what is compiled.
 * 4. How an expression reads must not depend on the data: in feelin a variable called `a-b` changes the meaning of
 *    `a-b`. Names are identifiers (words with single spaces between them); compiled expressions are kept (20 conditions: 0.13 ms, 5 ms before).
 */
const CORRECTIONS: readonly [find: string, replace: string][] = [
  [
    `function equals(a, b, strict = false) {
    var _a, _b;`,
    `function readDate(text) {
    if (/^\\d{4}-\\d{2}-\\d{2}$/.test(text)) return parseDate(text);
    return /^\\d{4}-\\d{2}-\\d{2}T/.test(text) ? parseDateTime(text) : null;
}
function readTemporal(text, like, sum) {
    const type = getType(like);
    switch (type) {
        case 'date':
        case 'date time': {
            const read = readDate(text) ?? (sum ? duration(text) : null);
            return sum || getType(read) === type ? read : null;
        }
        case 'duration': return duration(text) ?? (sum ? readDate(text) : null);
        default: return null;
    }
}
function align(a, b, sum = false) {
    if (typeof a === 'string' && typeof b === 'object') {
        return [readTemporal(a, b, sum) ?? a, b];
    }
    if (typeof b === 'string' && typeof a === 'object') {
        return [a, readTemporal(b, a, sum) ?? b];
    }
    return [a, b];
}
function equals(a, b, strict = false) {
    var _a, _b;
    [a, b] = align(a, b);`,
  ],
  [
    `    if (value instanceof FeelRange) {
        return rangeIncludesRange(range, value);
    }`,
    `    if (value instanceof FeelRange) {
        return rangeIncludesRange(range, value);
    }
    [value, start] = align(value, start);
    [value, end] = align(value, end);
    for (const bound of [start, end]) {
        if (bound !== null && (getType(bound) !== getType(value)
            || (getType(value) === 'date time' && isZoned(bound) !== isZoned(value)))) {
            return null;
        }
    }`,
  ],
  [
    `    const valueType = getType(value);
    if (range.valueType !== null &&
        TEMPORAL_INSTANT_TYPES.has(valueType) &&
        TEMPORAL_INSTANT_TYPES.has(range.valueType) &&
        valueType !== range.valueType) {
        return null;
    }
`,
    '',
  ],
  [
    `function createRange(start, end, startIncluded = true, endIncluded = true) {`,
    `function createRange(start, end, startIncluded = true, endIncluded = true) {
    [start, end] = align(start, end);`,
  ],
  [
    `                const left = a(context);
                const right = b(context);
                if (isArray(left) || isArray(right)) {`,
    `                const [left, right] = align(a(context), b(context), true);
                if (isArray(left) || isArray(right)) {`,
  ],
];

const PARSERS = [
  { parse: 'parseExpression', run: 'evaluate', top: 'Expression' },
  { parse: 'parseUnaryTests', run: 'unaryTest', top: 'UnaryTests' },
] as const;

const PARSER_CORRECTIONS = PARSERS.flatMap(({ parse, run, top }): [string, string][] => [
  [
    `function ${parse}(expression, context = {}, dialect) {
    return parser.configure({
        top: '${top}',
        contextTracker: trackVariables(context),
        dialect
    }).parse(expression);
}`,
    `const parser_${top} = parser.configure({ top: '${top}', contextTracker: trackVariables({}) });
const shapes_${top} = new WeakMap();
function shape_${top}(shape) {
    let known = shapes_${top}.get(shape);
    if (!known) {
        known = { parser: parser.configure({ top: '${top}', contextTracker: trackVariables(shape) }), compiled: new Map() };
        shapes_${top}.set(shape, known);
    }
    return known;
}
function ${parse}(expression, shape) {
    return (shape ? shape_${top}(shape).parser : parser_${top}).parse(expression);
}
const compiled_${run} = new Map();
function compile_${run}(expression, shape) {
    const cache = shape ? shape_${top}(shape).compiled : compiled_${run};
    let compiled = cache.get(expression);
    if (!compiled) {
        const interpreterContext = new InterpreterContext();
        const { root } = interpreter.${run}(expression, shape, undefined, interpreterContext);
        compiled = { root, interpreterContext };
        if (cache.size >= 2000) cache.clear();
        cache.set(expression, compiled);
    }
    compiled.interpreterContext.warnings = [];
    return compiled;
}`,
  ],
  [
    `    const { root } = interpreter.${run}(expression, evalContext, dialect, interpreterContext);
`,
    `    const { root, interpreterContext } = compile_${run}(expression, shape);
`,
  ],
  [
    `function ${run}(expression, evalContext = {}, dialect) {
    const interpreterContext = new InterpreterContext();
    evalContext = coerceContext(evalContext);
`,
    `function ${run}(expression, evalContext = {}, shape) {
    // With a shape the values are FEEL's already: no copy.
    if (!shape) evalContext = coerceContext(evalContext);
`,
  ],
]);

/** Vite plugin applying the corrections to `feelin/dist/index.js`. */
export function feelinPatch(): Plugin {
  return {
    name: 'lianban:feelin-patch',
    transform(code, id) {
      if (!/feelin\/dist\/index\.js/.test(id)) return null;
      let patched = code;
      for (const [find, replace] of [...CORRECTIONS, ...PARSER_CORRECTIONS]) {
        if (patched.split(find).length !== 2) {
          throw new Error(`feelin changed: correction not applicable once:\n${find}`);
        }
        patched = patched.replace(find, () => replace);
      }
      return { code: patched, map: null };
    },
  };
}
