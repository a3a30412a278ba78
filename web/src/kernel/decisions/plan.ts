import type { Json } from '../types';

/**
 * A decision plan: DMN models resolved to plain JSON by `engine/decisions`, which says what each entry means. Ids are
 * `namespace#id`; everything a decision reads is listed in its `requires`.
 */
export interface Plan {
  version: 1;
  /** The model declares no input data: its expressions read whatever the caller gives. */
  open: boolean;
  nodes: Record<string, PlanNode>;
  types: Record<string, PlanType>;
}

/** What a node needs and the path of names under which it sees it (`["model", "limit"]` for an imported one). */
export interface Requirement {
  id: string;
  path: string[];
  /** Its id as a second name, where no variable gives it one. */
  alias?: string;
}

export type PlanNode = InputNode | DecisionNode | KnowledgeNode | ServiceNode;

interface NamedNode {
  id: string;
  name: string;
  type: TypeRef;
}

export interface InputNode extends NamedNode {
  kind: 'input';
  /** Where its value may be found among the inputs, best first. */
  paths: string[][];
}

export interface DecisionNode extends NamedNode {
  kind: 'decision';
  requires: Requirement[];
  logic: Expression | null;
}

export interface KnowledgeNode extends NamedNode {
  kind: 'knowledge';
  requires: Requirement[];
  logic: FunctionExpression | null;
}

export interface ServiceNode extends NamedNode {
  kind: 'service';
  outputs: Requirement[];
  inputDecisions: Requirement[];
  inputData: Requirement[];
}

/** null is Any; text a FEEL type, or the key of `Plan.types` when it has a `#`. */
export type TypeRef = string | null;

export interface PlanType {
  /** Id and line of its XML element. */
  at?: string | null;
  line?: number | null;
  base: TypeRef;
  list: boolean;
  fields: [name: string, type: TypeRef][] | null;
  /** Unary tests every (item) value must pass. */
  allowed: string | null;
  /** Unary tests the whole value must pass. */
  constraint: string | null;
  function: { parameters: [name: string, type: TypeRef][]; result: TypeRef } | null;
}

interface Located {
  /** Id of the XML element or of the nearest one around it that has an id. */
  at: string | null;
  /** 1-based line in its file. */
  line?: number | null;
  type?: TypeRef;
}

export type Expression =
  | LiteralExpression | DecisionTable | BoxedContext | Invocation | FunctionExpression | BoxedList | Relation
  | Conditional | Filter | Iteration;

export interface LiteralExpression extends Located {
  kind: 'literal';
  text: string;
}

export type HitPolicy = 'UNIQUE' | 'ANY' | 'PRIORITY' | 'FIRST' | 'RULE ORDER' | 'OUTPUT ORDER' | 'COLLECT';

export interface DecisionTable extends Located {
  kind: 'table';
  hitPolicy: HitPolicy;
  aggregation: 'SUM' | 'COUNT' | 'MIN' | 'MAX' | null;
  inputs: TableInput[];
  outputs: TableOutput[];
  /** Type of what the table defines: its values rank outputs that list none. */
  result?: TypeRef;
  rules: TableRule[];
}

export interface TableInput extends Located {
  text: string;
  label: string;
  allowed: string | null;
}

export interface TableOutput extends Located {
  name: string;
  label: string;
  allowed: string | null;
  default: string | null;
}

export interface TableRule {
  id: string | null;
  line?: number | null;
  tests: string[];
  outputs: string[];
}

export interface BoxedContext extends Located {
  kind: 'context';
  entries: { name: string | null; type: TypeRef; expression: Expression | null }[];
}

export interface Invocation extends Located {
  kind: 'invocation';
  function: Expression;
  bindings: { name: string; type: TypeRef; expression: Expression | null }[];
}

export interface FunctionExpression extends Located {
  kind: 'function';
  language: 'FEEL' | 'Java' | 'PMML';
  parameters: [name: string, type: TypeRef][];
  body: Expression | null;
}

export interface BoxedList extends Located {
  kind: 'list';
  items: Expression[];
}

export interface Relation extends Located {
  kind: 'relation';
  columns: [name: string, type: TypeRef][];
  rows: (Expression | null)[][];
}

export interface Conditional extends Located {
  kind: 'conditional';
  if: Expression;
  then: Expression;
  else: Expression;
}

export interface Filter extends Located {
  kind: 'filter';
  in: Expression;
  match: Expression;
}

export interface Iteration extends Located {
  kind: 'for' | 'some' | 'every';
  variable: string;
  in: Expression;
  body: Expression;
}

/** Why something became null: a sentence without values, at the XML element where it happened. */
export interface DecisionProblem {
  code: string;
  message: string;
  decision: string | null;
  element: string | null;
}

/** What one decision made. `rules` are the indices of the matched rules of its table, `inputs` the values tested. */
export interface DecisionStep {
  id: string;
  name: string;
  value: Json;
  rules?: number[];
  inputs?: Json[];
}

export interface DecisionAnswer {
  value: Json;
  type: string;
  trace: DecisionStep[];
  /** What went wrong; the decision concerned is null, as the standard wants. */
  errors: DecisionProblem[];
  /** What was null on the way without being wrong: missing variables, impossible operations. */
  warnings: DecisionProblem[];
}
