import type { Comparison, Value } from './values';

/** Offsets in UTF-16 units from the start of the source. */
export interface Place {
  from: number;
  to: number;
}

export type Arithmetic = '+' | '-' | '*' | '/' | '**';

/** A type as written: `list<number>`, `context<a: string>`, `function<number> -> string`, `range<date>`, a name. */
export type TypeNode =
  | { name: string }
  | { list: TypeNode }
  | { range: TypeNode }
  | { context: [string, TypeNode][] }
  | { parameters: TypeNode[]; result: TypeNode };

export interface Iteration {
  name: string;
  domain: Node;
  /** End of `domain..end`. */
  end?: Node;
}

export type Node = Place &
  (
    | { type: 'literal'; value: Value }
    | { type: 'name'; name: string }
    | { type: 'path'; target: Node; name: string }
    | { type: 'filter'; target: Node; filter: Node }
    | { type: 'call'; target: Node; args: Node[]; names?: string[] }
    | { type: 'list'; items: Node[] }
    | { type: 'context'; entries: [string, Node][] }
    | { type: 'function'; parameters: { name: string; as?: TypeNode }[]; body: Node; external: boolean }
    | { type: 'if'; condition: Node; yes: Node; no: Node }
    | { type: 'for'; iterations: Iteration[]; body: Node }
    | { type: 'quantified'; every: boolean; iterations: Iteration[]; body: Node }
    | { type: 'logic'; every: boolean; left: Node; right: Node }
    | { type: 'compare'; operator: Comparison; left: Node; right: Node }
    | { type: 'arithmetic'; operator: Arithmetic; left: Node; right: Node }
    | { type: 'negation'; operand: Node }
    | { type: 'between'; value: Node; low: Node; high: Node }
    | { type: 'in'; value: Node; tests: Node[] }
    | { type: 'instance'; value: Node; of: TypeNode }
    | { type: 'range'; start: Node; end: Node; startIncluded: boolean; endIncluded: boolean }
    /** `< 5`: a test of something, or a range when alone in brackets. */
    | { type: 'test'; operator: Comparison; operand: Node }
    /** A whole unary test: `-` has no tests; `not(…)` is negated. */
    | { type: 'tests'; negated: boolean; tests: Node[] | null }
  );

/** The source cannot be read. */
export class FeelSyntaxError extends Error {
  constructor(message: string, readonly position: Place) {
    super(message);
    this.name = 'FeelSyntaxError';
  }
}
