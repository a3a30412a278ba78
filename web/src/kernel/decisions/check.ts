import { inspect } from '../names';
import { Types } from './coerce';
import type { Shape } from './feel';
import type { BoxedContext, DecisionTable, Expression, FunctionExpression, Plan, PlanNode } from './plan';
import { Shapes } from './shape';

/** A text that cannot be read (`syntax`, `unknown_function`) or a name that nothing defines (`unknown_name`). */
export interface PlanProblem {
  code: string;
  message: string;
  at: string | null;
  line: number | null;
}

interface Place {
  at: string | null;
  line?: number | null | undefined;
}

/** Reads every text of a plan with the names that are in scope there, without evaluating. */
export function checkPlan(plan: Plan): PlanProblem[] {
  return new Checker(plan).run();
}

class Checker {
  private readonly problems: PlanProblem[] = [];
  private readonly shapes: Shapes;

  constructor(private readonly plan: Plan) {
    this.shapes = new Shapes(plan, new Types(plan.types));
  }

  run(): PlanProblem[] {
    for (const node of Object.values(this.plan.nodes)) this.node(node);
    for (const type of Object.values(this.plan.types)) {
      for (const tests of [type.allowed, type.constraint]) {
        if (tests !== null) this.text(tests, {}, { at: type.at ?? null, line: type.line }, true);
      }
    }
    return this.problems;
  }

  private node(node: PlanNode): void {
    if (node.kind !== 'decision' && node.kind !== 'knowledge') return;
    const shape = this.shapes.ofRequirements(node.requires);
    if (node.kind === 'knowledge') shape[node.name] ??= 1;
    if (node.logic) this.expression(node.logic, shape);
  }

  private text(source: string, shape: Shape, { at, line }: Place, unary = false): void {
    const found = inspect({ id: '', source, unary }, shape);
    if (found.error) {
      this.problems.push({ code: found.error.code, message: found.error.message, at, line: line ?? null });
    } else if (!this.plan.open) {
      for (const name of found.names) this.problems.push({ code: 'unknown_name', message: name, at, line: line ?? null });
    }
  }

  private expression(expression: Expression | null, shape: Shape): void {
    if (!expression) return;
    switch (expression.kind) {
      case 'literal':
        return this.text(expression.text, shape, expression);
      case 'table':
        return this.table(expression, shape);
      case 'context':
        return this.context(expression, shape);
      case 'invocation':
        this.expression(expression.function, shape);
        return expression.bindings.forEach((binding) => this.expression(binding.expression, shape));
      case 'function':
        return this.function(expression, shape);
      case 'list':
        return expression.items.forEach((item) => this.expression(item, shape));
      case 'relation':
        return expression.rows.flat().forEach((cell) => this.expression(cell, shape));
      case 'conditional':
        return [expression.if, expression.then, expression.else].forEach((part) => this.expression(part, shape));
      case 'filter': {
        const item = this.shapes.ofExpression(expression.in, shape);
        this.expression(expression.in, shape);
        // What the items hold is not always known; then any name in the filter may be one of theirs.
        if (item !== 1) this.expression(expression.match, { ...shape, ...item, item });
        return;
      }
      default:
        this.expression(expression.in, shape);
        return this.expression(expression.body, {
          ...shape, [expression.variable]: this.shapes.ofExpression(expression.in, shape), partial: 1,
        });
    }
  }

  private table(table: DecisionTable, shape: Shape): void {
    for (const input of table.inputs) {
      this.text(input.text, shape, input);
      if (input.allowed !== null && !isAlways(input.allowed)) this.text(input.allowed, shape, input, true);
    }
    for (const output of table.outputs) {
      if (output.allowed !== null && !isAlways(output.allowed)) this.text(output.allowed, shape, output, true);
      if (output.default !== null) this.text(output.default, shape, output);
    }
    for (const rule of table.rules) {
      const place = { at: rule.id ?? table.at, line: rule.line };
      for (const test of rule.tests) if (!isAlways(test)) this.text(test, shape, place, true);
      for (const output of rule.outputs) if (!isAlways(output)) this.text(output, shape, place);
    }
  }

  private context({ entries }: BoxedContext, shape: Shape): void {
    let inner = shape;
    for (const { name, type, expression } of entries) {
      this.expression(expression, inner);
      if (name === null) continue;
      const typed = this.shapes.ofType(type);
      inner = { ...inner, [name]: typed === 1 ? this.shapes.ofExpression(expression, inner) : typed };
    }
  }

  private function({ parameters, body }: FunctionExpression, shape: Shape): void {
    this.expression(body, this.shapes.withParameters(shape, parameters));
  }
}

function isAlways(text: string): boolean {
  return text.trim() === '' || text.trim() === '-';
}
