import { toJson } from '../temporal';
import { aggregate, equal, evaluateText, passesIn, type Scope } from './feel';
import type { DecisionTable, TableOutput, TableRule } from './plan';
import type { Run } from './run';

/** Every rule passes over these inputs. */
function isAlways(test: string): boolean {
  const text = test.trim();
  return text === '' || text === '-';
}

interface Matched {
  index: number;
  rule: TableRule;
}

/** Evaluates a decision table (DMN 1.5 §8): inputs once, rules in order, then the hit policy. */
export function evaluateTable(table: DecisionTable, scope: Scope, run: Run): unknown {
  const values = inputsOf(table, scope, run);
  if (!values) return null;
  const matched = rulesMatching(table, values, scope, run);
  run.matched(matched.map(({ index }) => index), values.map((value) => toJson(value) ?? null));
  if (matched.length === 0) return defaultOf(table, scope, run);
  return new Hits(table, matched, scope, run).result();
}

function inputsOf(table: DecisionTable, scope: Scope, run: Run): unknown[] | null {
  const values: unknown[] = [];
  for (const input of table.inputs) {
    const value = run.coerced(run.text(input.text, scope, input.at), input.type ?? null, input.at);
    if (value !== null && input.allowed !== null && !isAlways(input.allowed)) {
      const allowed = run.guarded(input.at, false, () => passesIn(input.allowed ?? '', { ...scope.values, '?': value }, scope.shape));
      if (!allowed) {
        run.problem('inputNotAllowed', `The value of input ${input.label} is not among its allowed values`, input.at);
        return null;
      }
    }
    values.push(value);
  }
  return values;
}

function rulesMatching(table: DecisionTable, inputs: readonly unknown[], scope: Scope, run: Run): Matched[] {
  const places = inputs.map((value) => ({ ...scope.values, '?': value }));
  const passed = new Map<string, boolean>();
  const matches = (rule: TableRule): boolean =>
    rule.tests.every((test, column) => {
      if (isAlways(test)) return true;
      const key = `${column}:${test}`;
      let result = passed.get(key);
      if (result === undefined) {
        result = run.guarded(rule.id ?? table.at, false, () => passesIn(test, places[column] ?? {}, scope.shape));
        passed.set(key, result);
      }
      return result;
    });
  const found: Matched[] = [];
  for (const [index, rule] of table.rules.entries()) {
    if (!matches(rule)) continue;
    found.push({ index, rule });
    if (table.hitPolicy === 'FIRST') break;
  }
  return found;
}

function defaultOf(table: DecisionTable, scope: Scope, run: Run): unknown {
  if (table.outputs.some((output) => output.default !== null)) {
    const value = composed(table, scope, run, (output) => output.default);
    return isMany(table) && !Array.isArray(value) && table.aggregation === null ? [value] : value;
  }
  if (table.hitPolicy === 'COLLECT' && table.aggregation !== null) return table.aggregation === 'COUNT' ? 0 : null;
  return isMany(table) ? [] : null;
}

function isMany({ hitPolicy }: DecisionTable): boolean {
  return hitPolicy === 'COLLECT' || hitPolicy === 'RULE ORDER' || hitPolicy === 'OUTPUT ORDER';
}

/** One output as its value, several as a context. */
function composed(
  table: DecisionTable, scope: Scope, run: Run, textOf: (output: TableOutput, column: number) => string | null | undefined,
): unknown {
  const values = table.outputs.map((output, column) => outputValue(output, textOf(output, column), scope, run));
  if (values.length === 1) return values[0];
  return Object.fromEntries(table.outputs.map((output, column) => [output.name, values[column]]));
}

function outputValue(output: TableOutput, text: string | null | undefined, scope: Scope, run: Run): unknown {
  if (text === null || text === undefined || isAlways(text)) return null;
  const value = run.coerced(run.text(text, scope, output.at), output.type ?? null, output.at);
  if (value === null || output.allowed === null || isAlways(output.allowed)) return value;
  const tests = output.allowed;
  if (run.guarded(output.at, false, () => passesIn(tests, { ...scope.values, '?': value }, scope.shape))) return value;
  run.problem('outputNotAllowed', `The value of output ${output.label} is not among its allowed values`, output.at);
  return null;
}

/** What the matched rules make together. */
class Hits {
  constructor(
    private readonly table: DecisionTable,
    private readonly matched: Matched[],
    private readonly scope: Scope,
    private readonly run: Run,
  ) {}

  result(): unknown {
    switch (this.table.hitPolicy) {
      case 'FIRST':
        return this.outputs()[0];
      case 'ANY':
        return this.any();
      case 'PRIORITY':
        return this.ordered()[0] ?? null;
      case 'OUTPUT ORDER':
        return this.ordered();
      case 'RULE ORDER':
        return this.outputs();
      case 'COLLECT':
        return this.collected();
      default:
        return this.unique();
    }
  }

  private outputs(): unknown[] {
    return this.matched.map(({ rule }) => composed(this.table, this.scope, this.run, (_, column) => rule.outputs[column]));
  }

  private rulesNamed(): string {
    return this.matched.map(({ index }) => String(index + 1)).join(', ');
  }

  private unique(): unknown {
    if (this.matched.length === 1) return this.outputs()[0];
    this.run.problem('severalRules', `Hit policy UNIQUE, but rules ${this.rulesNamed()} match`, this.table.at);
    return null;
  }

  private any(): unknown {
    const [first, ...others] = this.outputs();
    if (others.every((other) => equal(first, other))) return first;
    this.run.problem('differentOutputs', `Hit policy ANY, but rules ${this.rulesNamed()} match with different outputs`, this.table.at);
    return null;
  }

  private collected(): unknown {
    const values = this.outputs();
    if (this.table.aggregation === null) return values;
    if (this.table.aggregation === 'COUNT') return values.length;
    const name = ({ SUM: 'sum', MIN: 'min', MAX: 'max' } as const)[this.table.aggregation];
    return this.run.guarded(this.table.at, null, () => aggregate(name, values));
  }

  /** Outputs by the priority of their values: the order in which the allowed values are listed. */
  private ordered(): unknown[] {
    const lists = this.table.outputs.map((output) => this.priorities(output));
    const rows = this.outputs().map((value, index) => {
      const parts = this.table.outputs.length === 1 ? [value] : Object.values(value as Record<string, unknown>);
      return { value, index, ranks: parts.map((part, column) => rankOf(part, lists[column])) };
    });
    rows.sort((a, b) => {
      for (const [column, rank] of a.ranks.entries()) {
        const other = b.ranks[column] ?? 0;
        if (rank !== other) return rank - other;
      }
      return a.index - b.index;
    });
    return rows.map(({ value }) => value);
  }

  private priorities(output: TableOutput): unknown[] | null {
    const { types } = this.run;
    const own = output.allowed ?? types.allowedOf(output.type ?? null);
    const text = own ?? types.allowedOf(types.fieldOf(this.table.result ?? null, this.table.outputs.length > 1 ? output.name : null));
    if (text === null || isAlways(text)) return null;
    return this.run.guarded(output.at, null, () => evaluateText(`[${text}]`, { values: {}, shape: {} }).value as unknown[]);
  }
}

function rankOf(value: unknown, list: unknown[] | null | undefined): number {
  if (!list) return 0;
  const index = list.findIndex((entry) => equal(entry, value));
  return index < 0 ? list.length : index;
}

