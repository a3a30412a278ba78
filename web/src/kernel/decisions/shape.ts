import type { Types } from './coerce';
import type { Shape } from './feel';
import type { Expression, Plan, PlanNode, Requirement, TypeRef } from './plan';

/** Structures nest; nothing reads deeper than this by names of several words. */
const DEEPEST = 12;

type Part = Shape | 1;

function isShape(part: Part | undefined): part is Shape {
  return typeof part === 'object';
}

function merged(parts: (Part | undefined)[]): Part {
  const shapes = parts.filter(isShape);
  return shapes.length > 0 ? Object.assign({}, ...shapes) as Shape : 1;
}

/** What the names of a plan look like, found without any value: how an expression reads never depends on the data. */
export class Shapes {
  private readonly nodes = new Map<string, Part>();
  private readonly open = new Set<string>();

  constructor(private readonly plan: Plan, private readonly types: Types) {}

  ofType(type: TypeRef, depth = 0): Part {
    const found = this.types.find(type);
    if (!found || depth > DEEPEST) return 1;
    if (found.function) return this.ofType(found.function.result, depth + 1);
    if (!found.fields) return this.ofType(found.base, depth + 1);
    return Object.fromEntries(found.fields.map(([name, field]) => [name, this.ofType(field, depth + 1)]));
  }

  /** What a node's value (of a function: its result) looks like. */
  ofNode(id: string): Part {
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    const node = this.plan.nodes[id];
    if (!node || this.open.has(id)) return 1;
    this.open.add(id);
    const shape = this.find(node);
    this.open.delete(id);
    this.nodes.set(id, shape);
    return shape;
  }

  private find(node: PlanNode): Part {
    const typed = this.ofType(node.type);
    if (isShape(typed)) return typed;
    if (node.kind === 'decision') return this.ofExpression(node.logic, this.ofRequirements(node.requires));
    if (node.kind === 'knowledge') return this.ofExpression(node.logic, this.ofRequirements(node.requires));
    if (node.kind === 'input') return 1;
    const [only, ...others] = node.outputs;
    if (only && others.length === 0) return this.ofNode(only.id);
    return Object.fromEntries(node.outputs.map(({ id, path }) => [path.at(-1) ?? '', this.ofNode(id)]));
  }

  /** The names a node sees. */
  ofRequirements(requirements: readonly Requirement[]): Shape {
    const shape: Shape = {};
    for (const { id, path, alias } of requirements) {
      let place = shape;
      for (const part of path.slice(0, -1)) {
        const inner = place[part];
        place = isShape(inner) ? inner : (place[part] = {});
      }
      const part = this.ofNode(id);
      place[path.at(-1) ?? ''] = part;
      if (alias !== undefined) place[alias] ??= part;
    }
    return shape;
  }

  ofExpression(expression: Expression | null, scope: Shape): Part {
    if (!expression) return 1;
    const typed = this.ofType(expression.type ?? null);
    if (isShape(typed)) return typed;
    switch (expression.kind) {
      case 'literal':
        return Object.hasOwn(scope, expression.text.trim()) ? (scope[expression.text.trim()] ?? 1) : 1;
      case 'table':
        return expression.outputs.length === 1
          ? this.ofType(expression.outputs[0]?.type ?? null)
          : Object.fromEntries(expression.outputs.map(({ name, type }) => [name, this.ofType(type ?? null)]));
      case 'context':
        return this.ofContext(expression, scope);
      case 'relation':
        return Object.fromEntries(expression.columns.map(([name, type]) => [name, this.ofType(type)]));
      case 'list':
        return merged(expression.items.map((item) => this.ofExpression(item, scope)));
      case 'conditional':
        return merged([this.ofExpression(expression.then, scope), this.ofExpression(expression.else, scope)]);
      case 'filter':
        return this.ofExpression(expression.in, scope);
      case 'for':
        return this.ofExpression(expression.body, this.withName(scope, expression.variable, this.ofExpression(expression.in, scope)));
      case 'invocation':
        return this.ofExpression(expression.function, scope);
      case 'function':
        return this.ofExpression(expression.body, this.withParameters(scope, expression.parameters));
      default:
        return 1;
    }
  }

  private ofContext({ entries }: Extract<Expression, { kind: 'context' }>, scope: Shape): Part {
    const result: Shape = {};
    let inner = scope;
    for (const { name, type, expression } of entries) {
      const typed = this.ofType(type);
      const part = isShape(typed) ? typed : this.ofExpression(expression, inner);
      if (name === null) return part;
      result[name] = part;
      inner = { ...inner, [name]: part };
    }
    return result;
  }

  withName(scope: Shape, name: string, part: Part): Shape {
    return { ...scope, [name]: part };
  }

  withParameters(scope: Shape, parameters: readonly (readonly [name: string, type: TypeRef])[]): Shape {
    return { ...scope, ...Object.fromEntries(parameters.map(([name, type]) => [name, this.ofType(type)])) };
  }
}
