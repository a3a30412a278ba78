/** What one evaluation may cost. The server may set smaller ones; time and memory are limited by the host besides. */
export const limits = {
  /** UTF-16 units of a source text. */
  source: 50_000,
  /** Levels of brackets, operators and keywords in a source text. */
  nesting: 150,
  /** Rounds of loops and filters, calls of functions. */
  steps: 5_000_000,
  /** Calls of functions inside each other. */
  depth: 200,
  /** Items of a list made by an expression. */
  items: 500_000,
  /** UTF-16 units of a text made by an expression. */
  text: 5_000_000,
  /** UTF-16 units of a regular expression. */
  pattern: 1_000,
  /** UTF-16 units of a text that a regular expression is tried on. */
  matched: 100_000,
};

export type Limit = keyof typeof limits;

/** Sets limits by name; a name that is none is refused, so that no setting is without effect. */
export function configure(settings: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Object.hasOwn(limits, name) || !Number.isSafeInteger(value) || value < 1) throw new Error(`no limit of expressions: ${name}`);
    limits[name as Limit] = value;
  }
}

/** An evaluation was stopped at a limit. */
export class LimitReached extends Error {
  constructor(readonly limit: Limit) {
    super(`The limit of ${limit} (${String(limits[limit])}) is reached`);
    this.name = 'LimitReached';
  }
}

export function within(limit: Limit, count: number): void {
  if (count > limits[limit]) throw new LimitReached(limit);
}

export interface Notice {
  code: string;
  from: number;
  to: number;
}

/** State of the evaluation that runs: there is one at a time. */
export const run = {
  /** Text written as a date is read as one beside a date; `now` is the moment; `context["key"]` is the entry. */
  lenient: false,
  steps: 0,
  depth: 0,
  notices: [] as Notice[],
};

const NOTICES = 100;

export function start(lenient: boolean): void {
  run.lenient = lenient;
  run.steps = 0;
  run.depth = 0;
  run.notices = [];
}

export function step(): void {
  run.steps += 1;
  if (run.steps > limits.steps) throw new LimitReached('steps');
}

/** Remembers why something became null. */
export function notice(code: string, from: number, to: number): null {
  if (run.notices.length < NOTICES) run.notices.push({ code, from, to });
  return null;
}
