import { ownFunctions } from '../functions';
import { FeelFunction, byPlace, isContext, start } from '../interpreter';
import { fromJson, toJson, typeOf } from '../temporal';
import type { Json, JsonObject, KernelContext } from '../types';
import { evaluateBoxed, functionValue } from './boxed';
import { TypeMismatch, Types } from './coerce';
import { type Scope, type Shape, TextFailed, evaluateText, typesOfPlan } from './feel';
import type {
  DecisionAnswer, DecisionNode, DecisionProblem, DecisionStep, InputNode, KnowledgeNode, Plan, PlanNode, Requirement, ServiceNode,
  TypeRef,
} from './plan';
import { Shapes } from './shape';

/** Functions and decisions inside one another: beyond this a model never ends. */
const DEEPEST = 200;
/** Problems told; a table with a thousand broken cells has one kind of fault. */
const MOST_PROBLEMS = 100;

/** A plan made ready once: shapes and, by them, compiled expressions are kept between evaluations. */
export class Prepared {
  readonly types: Types;
  readonly shapes: Shapes;
  readonly places = new WeakMap<object, Shape>();

  constructor(readonly plan: Plan) {
    this.types = new Types(plan.types);
    this.shapes = new Shapes(plan, this.types);
  }
}

/** Values of nodes in one run of a decision or decision service; a service's inputs are given. */
interface Frame {
  values: Map<string, unknown>;
  open: Set<string>;
}

/** One evaluation over given inputs. */
export class Run {
  readonly types: Types;
  readonly shapes: Shapes;
  private readonly trace: DecisionStep[] = [];
  private readonly errors = new Map<string, DecisionProblem>();
  private readonly warnings = new Map<string, DecisionProblem>();
  private readonly functions: Record<string, unknown>;
  private readonly inputs: Record<string, unknown>;
  private depth = 0;
  private decision: string | null = null;
  private step: DecisionStep | null = null;

  constructor(private readonly prepared: Prepared, inputs: JsonObject, clock: KernelContext) {
    this.types = prepared.types;
    this.shapes = prepared.shapes;
    this.inputs = fromJson(inputs) as Record<string, unknown>;
    this.functions = ownFunctions(clock);
    start(false);
    typesOfPlan((name) => this.types.named(name));
  }

  // What the evaluators of boxed expressions use.

  /** The value of FEEL text; a text that has none is null, with the problem told. */
  text(text: string, scope: Scope, at: string | null): unknown {
    return this.guarded(at, null, () => {
      const { value, warnings } = evaluateText(text, scope);
      for (const { code, part } of warnings) {
        if (code === 'no_function_found') this.problem('notAFunction', `Nothing to call in ${part}`, at);
        else this.warn(code, part, at);
      }
      return value;
    });
  }

  /** The result of `work`, or `otherwise` when a text of it has no value. */
  guarded<T>(at: string | null, otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof TextFailed) this.problem(error.code, error.message, at);
      else if (error instanceof RangeError) this.problem('tooDeep', 'Functions call one another too often', at);
      else throw error;
      return otherwise;
    }
  }

  /** Whether a value fits a type, and the value as the type wants it. */
  checked(value: unknown, type: TypeRef, at: string | null): { fits: boolean; value: unknown } {
    try {
      return { fits: true, value: this.types.coerce(value, type) };
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error;
      this.problem('typeMismatch', error.message, at);
      return { fits: false, value: null };
    }
  }

  /** The value as its type wants it, null when it does not fit. */
  coerced(value: unknown, type: TypeRef, at: string | null): unknown {
    return this.checked(value, type, at).value;
  }

  shapeAt(place: object, make: () => Shape): Shape {
    let shape = this.prepared.places.get(place);
    if (!shape) this.prepared.places.set(place, (shape = make()));
    return shape;
  }

  /** A function's body, unless too many run inside one another. */
  calling(at: string | null, body: () => unknown): unknown {
    if (this.depth >= DEEPEST) {
      this.problem('tooDeep', 'Functions call one another too often', at);
      return null;
    }
    this.depth += 1;
    try {
      return body();
    } finally {
      this.depth -= 1;
    }
  }

  missingArgument(at: string | null): null {
    this.problem('missingArgument', 'A function is called with too few arguments', at);
    return null;
  }

  /** The rules of the running decision's table that matched. */
  matched(rules: number[], inputs: Json[]): void {
    if (this.step && !this.step.rules) Object.assign(this.step, { rules, inputs });
  }

  problem(code: string, message: string, element: string | null): void {
    this.tell(this.errors, { code, message, decision: this.decision, element });
  }

  private warn(type: string, part: string, element: string | null): void {
    this.tell(this.warnings, { code: type, message: part, decision: this.decision, element });
  }

  private tell(rows: Map<string, DecisionProblem>, problem: DecisionProblem): void {
    const key = JSON.stringify(problem);
    if (rows.size < MOST_PROBLEMS && !rows.has(key)) rows.set(key, problem);
  }

  // Nodes of the requirements graph.

  private valueOf(id: string, frame: Frame): unknown {
    if (frame.values.has(id)) return frame.values.get(id);
    const node = this.prepared.plan.nodes[id];
    if (!node) return null;
    if (frame.open.has(id)) {
      this.problem('cycle', `${node.name} needs itself`, node.id);
      return null;
    }
    frame.open.add(id);
    const value = this.calling(node.id, () => this.evaluated(node, id, frame));
    frame.open.delete(id);
    frame.values.set(id, value);
    return value;
  }

  private evaluated(node: PlanNode, id: string, frame: Frame): unknown {
    switch (node.kind) {
      case 'input':
        return this.coerced(this.types.read(this.given(node), node.type), node.type, node.id);
      case 'decision':
        return this.decided(node, id, frame);
      case 'knowledge':
        return this.knowledge(node, id, frame);
      default:
        return this.service(node);
    }
  }

  /** What the caller gives for an input: by its name, of an imported one under the name of its import. */
  private given(node: InputNode): unknown {
    for (const path of node.paths) {
      let place: unknown = this.inputs;
      for (const part of path) place = isContext(place) && Object.hasOwn(place, part) ? place[part] : undefined;
      if (place !== undefined) return place;
    }
    return null;
  }

  private decided(node: DecisionNode, id: string, frame: Frame): unknown {
    const [outerDecision, outerStep] = [this.decision, this.step];
    const scope = this.scopeOf(id, node.requires, frame);
    const step: DecisionStep = { id: node.id, name: node.name, value: null };
    [this.decision, this.step] = [node.id, step];
    const value = this.coerced(evaluateBoxed(node.logic, scope, this), node.type, node.id);
    step.value = toJson(value) ?? null;
    this.trace.push(step);
    [this.decision, this.step] = [outerDecision, outerStep];
    return value;
  }

  private knowledge(node: KnowledgeNode, id: string, frame: Frame): unknown {
    return node.logic && functionValue(node.logic, () => this.scopeOf(id, node.requires, frame), this, node.type);
  }

  /** A decision service as a function of its input data and input decisions, in this order (§10.4). */
  private service(node: ServiceNode): FeelFunction {
    const given = [...node.inputData, ...node.inputDecisions];
    const names = given.map(nameOf);
    return new FeelFunction(names.map((name) => ({ name })), (args) => {
      if (args.length !== names.length) return this.missingArgument(node.id);
      return this.calling(node.id, () => this.served(node, Object.fromEntries(names.map((name, index) => [name, args[index]]))));
    });
  }

  private served(node: ServiceNode, given: Record<string, unknown>): unknown {
    const frame: Frame = { values: new Map(), open: new Set() };
    for (const requirement of [...node.inputData, ...node.inputDecisions]) {
      const type = this.prepared.plan.nodes[requirement.id]?.type ?? null;
      const { fits, value } = this.checked(given[nameOf(requirement)] ?? null, type, node.id);
      if (!fits) return null;
      frame.values.set(requirement.id, value);
    }
    const results = node.outputs.map((output) => [nameOf(output), this.valueOf(output.id, frame)] as const);
    const [only] = results;
    return this.coerced(only && results.length === 1 ? only[1] : Object.fromEntries(results), node.type, node.id);
  }

  private scopeOf(id: string, requirements: readonly Requirement[], frame: Frame): Scope {
    const values: Record<string, unknown> = { ...this.functions, ...(this.prepared.plan.open ? this.inputs : {}) };
    for (const { id: needed, path, alias } of requirements) {
      let place = values;
      for (const part of path.slice(0, -1)) {
        const inner = Object.hasOwn(place, part) && !(place[part] instanceof FeelFunction) ? place[part] : {};
        place[part] = inner;
        place = inner as Record<string, unknown>;
      }
      const value = this.valueOf(needed, frame);
      place[path.at(-1) ?? ''] = value;
      if (alias !== undefined) place[alias] ??= value;
    }
    const node = this.prepared.plan.nodes[id];
    return { values, shape: node ? this.shapeAt(node, () => this.shapes.ofRequirements(requirements)) : {} };
  }

  /** The answer of a decision; of a decision service or a knowledge model called with the inputs by name. */
  decide(id: string): DecisionAnswer {
    const node = this.prepared.plan.nodes[id];
    const frame: Frame = { values: new Map(), open: new Set() };
    const found = this.valueOf(id, frame);
    const value = found instanceof FeelFunction && node && node.kind !== 'decision' ? this.called(node, found) : found;
    const json = toJson(value);
    if (json === undefined) this.problem('resultType', 'The result is a function, a range or not a finite number', id);
    return {
      value: json ?? null, type: typeOf(value), trace: this.trace, errors: [...this.errors.values()], warnings: [...this.warnings.values()],
    };
  }

  private called(node: PlanNode, target: FeelFunction): unknown {
    const types = new Map<string, TypeRef>(node.kind === 'knowledge' ? node.logic?.parameters : undefined);
    if (node.kind === 'service') {
      for (const requirement of [...node.inputData, ...node.inputDecisions]) {
        types.set(nameOf(requirement), this.prepared.plan.nodes[requirement.id]?.type ?? null);
      }
    }
    const names = (target.parameters ?? []).map(({ name }) => name);
    const missing = names.filter((name) => !Object.hasOwn(this.inputs, name));
    if (missing.length > 0) {
      this.problem('missingArgument', `No value is given for ${missing.join(', ')}`, node.id);
      return null;
    }
    return byPlace(target, names.map((name) => this.types.read(this.inputs[name], types.get(name) ?? null)));
  }
}

function nameOf({ path }: Requirement): string {
  return path.at(-1) ?? '';
}
