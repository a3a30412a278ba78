import { OWN_FUNCTIONS } from './functions';
import { BUILT_INS, type KnownNames, type Node, knownNames, readExpression, readUnaryTests } from './interpreter';
import { problemOf } from './problems';
import type { KernelProblem, ParseResult, SourceExpression } from './types';

/** Names declared outside a text and, for structures, the names within them. */
export interface Declared {
  [name: string]: Declared | 1;
}

const declaredNames = new WeakMap<Declared, KnownNames>();
/** Structures nest; nothing reads deeper than this by names of several words. */
const DEEPEST = 12;

function collect(declared: Declared, names: Set<string>, depth: number): void {
  for (const [name, inner] of Object.entries(declared)) {
    names.add(name);
    if (inner !== 1 && depth < DEEPEST) collect(inner, names, depth + 1);
  }
}

/** How a text is read where these names are declared; kept by the identity of `declared`. */
export function namesOf(declared: Declared): KnownNames {
  let known = declaredNames.get(declared);
  if (!known) {
    const names = new Set<string>();
    collect(declared, names, 0);
    known = knownNames(names);
    declaredNames.set(declared, known);
  }
  return known;
}

type Scope = ReadonlySet<string>;
type Iterations = (Node & { type: 'for' | 'quantified' })['iterations'];

function isFunctionName(name: string): boolean {
  return (OWN_FUNCTIONS as readonly string[]).includes(name) || Object.hasOwn(BUILT_INS, name);
}

class Walker {
  readonly names = new Set<string>();
  readonly filterNames = new Set<string>();
  problem: KernelProblem | undefined;

  constructor(private readonly closed: boolean) {}

  private read(name: string, scope: Scope, filter: boolean): void {
    // `now` is the moment wherever nothing else is called so. Where all names are declared, others are functions.
    if (scope.has(name) || name === 'now' || (this.closed && Object.hasOwn(BUILT_INS, name))) return;
    (filter ? this.filterNames : this.names).add(name);
  }

  private all(nodes: readonly Node[], scope: Scope, filter: boolean): void {
    for (const node of nodes) this.walk(node, scope, filter);
  }

  private call({ target, args }: Node & { type: 'call' }, scope: Scope, filter: boolean): void {
    if (target.type !== 'name') this.walk(target, scope, filter);
    else if (!scope.has(target.name) && !isFunctionName(target.name)) {
      this.problem ??= {
        code: 'unknown_function',
        message: `Unknown function ${target.name}()`,
        position: { from: target.from, to: target.to },
      };
    }
    this.all(args, scope, filter);
  }

  private loop(iterations: Iterations, body: Node, scope: Scope, filter: boolean): void {
    let inner = scope;
    for (const { name, domain, end } of iterations) {
      this.all(end ? [domain, end] : [domain], inner, filter);
      inner = new Set([...inner, name]);
    }
    this.walk(body, inner, filter);
  }

  private entries(entries: readonly [string, Node][], scope: Scope, filter: boolean): void {
    let inner = scope;
    for (const [key, value] of entries) {
      this.walk(value, inner, filter);
      inner = new Set([...inner, key]);
    }
  }

  walk(node: Node, scope: Scope, filter: boolean): void {
    switch (node.type) {
      case 'literal': return;
      case 'name': return this.read(node.name, scope, filter);
      case 'path': return this.walk(node.target, scope, filter);
      case 'filter':
        this.walk(node.target, scope, filter);
        return this.walk(node.filter, new Set([...scope, 'item']), true);
      case 'call': return this.call(node, scope, filter);
      case 'list': return this.all(node.items, scope, filter);
      case 'context': return this.entries(node.entries, scope, filter);
      case 'function': return this.walk(node.body, new Set([...scope, ...node.parameters.map(({ name }) => name)]), filter);
      case 'if': return this.all([node.condition, node.yes, node.no], scope, filter);
      case 'for': return this.loop(node.iterations, node.body, new Set([...scope, 'partial']), filter);
      case 'quantified': return this.loop(node.iterations, node.body, scope, filter);
      case 'logic':
      case 'compare':
      case 'arithmetic': return this.all([node.left, node.right], scope, filter);
      case 'negation':
      case 'test': return this.walk(node.operand, scope, filter);
      case 'between': return this.all([node.value, node.low, node.high], scope, filter);
      case 'in': return this.all([node.value, ...node.tests], scope, filter);
      case 'instance': return this.walk(node.value, scope, filter);
      case 'range': return this.all([node.start, node.end], scope, filter);
      case 'tests': return this.all(node.tests ?? [], scope, filter);
    }
  }
}

const NONE: Declared = {};

/** Syntax, functions and names of one expression, without evaluating it. Names that are declared are not in the answer. */
export function inspect({ id, source, unary }: SourceExpression, declared: Declared = NONE): ParseResult {
  const failed = (error: KernelProblem): ParseResult => ({ id, error, names: [], filterNames: [] });
  if (!source.trim()) return failed({ code: 'syntax', message: 'The expression is empty', position: { from: 0, to: 0 } });
  const walker = new Walker(declared !== NONE);
  try {
    const known = namesOf(declared);
    const tree = unary ? readUnaryTests(source, known) : readExpression(source, known);
    walker.walk(tree, new Set(['?', ...Object.keys(declared)]), false);
  } catch (error) {
    return failed(problemOf(error));
  }
  const { names, filterNames, problem } = walker;
  return {
    id,
    ...(problem ? { error: problem } : {}),
    names: [...names].sort(),
    filterNames: [...filterNames].filter((name) => !names.has(name)).sort(),
  };
}
