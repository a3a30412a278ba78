import { evaluate as feelinEvaluate, isFunction, parseExpression, parseUnaryTests } from 'feelin';

import { OWN_FUNCTIONS } from './functions';
import type { KernelProblem, ParseResult, SourceExpression } from './types';

/** What we need of a lezer syntax node. */
interface Node {
  name: string;
  from: number;
  to: number;
  type: { isError: boolean };
  firstChild: Node | null;
  nextSibling: Node | null;
}

type Scope = ReadonlySet<string>;

interface Found {
  names: Set<string>;
  filterNames: Set<string>;
  problem?: KernelProblem;
}

const known = new Map<string, boolean>();

/** Names declared outside the text: none. One object, because what is prepared is kept by its identity. */
const NO_NAMES = {};

function isFunctionName(name: string): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    answer =
      (OWN_FUNCTIONS as readonly string[]).includes(name) || isFunctionValue(feelinEvaluate(name, {}).value);
    if (known.size < 500) known.set(name, answer);
  }
  return answer;
}

/** `a - b` and `a-b` are one name where it is declared. */
function unspaced(name: string): string {
  return name.replace(/\s+/g, '');
}

function isFunctionValue(value: unknown): boolean {
  return typeof value === 'function' || isFunction(value);
}

function children(node: Node): Node[] {
  const result: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) result.push(child);
  return result;
}

/** The tree has a node that is a syntax error. */
class BrokenTree extends Error {}

function broken(node: Node): boolean {
  return node.type.isError || children(node).some(broken);
}

class Walker {
  readonly found: Found = { names: new Set(), filterNames: new Set() };

  constructor(private readonly source: string, private readonly isDeclared: (name: string) => boolean) {}

  private text(node: Node): string {
    return this.source.slice(node.from, node.to).replace(/\s+/g, ' ').replace(/`/g, '');
  }

  private read(node: Node, scope: Scope, filter: boolean): void {
    const name = this.text(node);
    if (scope.has(name) || this.isDeclared(name)) return;
    (filter ? this.found.filterNames : this.found.names).add(name);
  }

  private call(node: Node, scope: Scope, filter: boolean): void {
    const [target, ...rest] = children(node);
    if (target?.name === 'VariableName') {
      const name = this.text(target);
      if (!scope.has(name) && !this.isDeclared(name) && !isFunctionName(name)) {
        this.found.problem ??= {
          code: 'unknown_function',
          message: `Unknown function ${name}()`,
          position: { from: target.from, to: target.to },
        };
      }
    } else if (target) this.walk(target, scope, filter);
    for (const child of rest) this.walk(child, scope, filter);
  }

  private bindIterations(node: Node, scope: Scope, filter: boolean, extra: readonly string[]): void {
    let inner: Scope = new Set([...scope, ...extra]);
    for (const child of children(node)) {
      if (child.name !== 'InExpressions') {
        this.walk(child, inner, filter);
        continue;
      }
      for (const iteration of children(child)) {
        if (iteration.name !== 'InExpression') continue;
        const [name, ...rest] = children(iteration);
        for (const part of rest) this.walk(part, inner, filter);
        if (name) inner = new Set([...inner, this.text(name)]);
      }
    }
  }

  private bindParameters(node: Node, scope: Scope, filter: boolean): void {
    const names: string[] = [];
    for (const child of children(node)) {
      if (child.name === 'FormalParameters') {
        for (const parameter of children(child)) {
          const name = parameter.firstChild;
          if (name) names.push(this.text(name));
        }
      } else this.walk(child, new Set([...scope, ...names]), filter);
    }
  }

  private bindEntries(node: Node, scope: Scope, filter: boolean): void {
    let inner = scope;
    for (const entry of children(node)) {
      if (entry.name !== 'ContextEntry') continue;
      const [key, ...values] = children(entry);
      for (const value of values) this.walk(value, inner, filter);
      if (key) inner = new Set([...inner, this.text(key).replace(/^"|"$/g, '')]);
    }
  }

  walk(node: Node, scope: Scope, filter: boolean): void {
    if (node.type.isError) throw new BrokenTree();
    switch (node.name) {
      case 'VariableName':
        return this.read(node, scope, filter);
      case 'PathName':
      case 'ParameterName':
      case 'Type':
        if (broken(node)) throw new BrokenTree();
        return;
      case 'FunctionInvocation':
        return this.call(node, scope, filter);
      case 'ForExpression':
        return this.bindIterations(node, scope, filter, ['partial']);
      case 'QuantifiedExpression':
        return this.bindIterations(node, scope, filter, []);
      case 'FunctionDefinition':
        return this.bindParameters(node, scope, filter);
      case 'Context':
        return this.bindEntries(node, scope, filter);
      case 'FilterExpression': {
        const [target, ...rest] = children(node);
        if (target) this.walk(target, scope, filter);
        for (const child of rest) this.walk(child, new Set([...scope, 'item']), true);
        return;
      }
      default:
        for (const child of children(node)) this.walk(child, scope, filter);
    }
  }
}

/**
 * Syntax, functions and names of one expression, without evaluating it; `syntax` words what is wrong in the tree.
 * `declared` are names defined outside the text, nested for structures: those it reads are not in the answer.
 */
export function inspect(
  expression: SourceExpression, syntax: (e: SourceExpression) => KernelProblem, declared: Record<string, unknown> = NO_NAMES,
): ParseResult {
  const { id, source, unary } = expression;
  const spelt = new Set(Object.keys(declared).map(unspaced));
  const walker = new Walker(source, (name) => spelt.has(unspaced(name)));
  try {
    if (!source.trim()) throw new BrokenTree();
    const tree = (unary ? parseUnaryTests : parseExpression)(source, declared, undefined);
    walker.walk(tree.topNode, new Set(['?']), false);
  } catch (error) {
    if (!(error instanceof BrokenTree)) throw error;
    return { id, error: syntax(expression), names: [], filterNames: [] };
  }
  const { names, filterNames, problem: unknown } = walker.found;
  return {
    id,
    ...(unknown ? { error: unknown } : {}),
    names: [...names].sort(),
    filterNames: [...filterNames].filter((name) => !names.has(name)).sort(),
  };
}
