import type { JsonObject, KernelContext } from '../types';
import type { DecisionAnswer, Plan } from './plan';
import { Prepared, Run } from './run';

/** Plans kept ready, by digest. */
const KEPT = 64;

const plans = new Map<string, Prepared>();

/** The host asks for a plan that is not here (any more): it hands it over and asks again. */
export class PlanUnknown extends Error {
  constructor() {
    super('The plan is not loaded');
    this.name = 'PlanUnknown';
  }
}

/** Makes a plan ready under its digest. */
export function loadPlan(digest: string, plan: Plan): void {
  plans.delete(digest);
  const [oldest] = plans.keys();
  if (plans.size >= KEPT && oldest !== undefined) plans.delete(oldest);
  plans.set(digest, new Prepared(plan));
}

/** Evaluates a node of a loaded plan; raises `PlanUnknown`. `clock` holds `now` (and `zone`) for `now()` and `today()`. */
export function decideLoaded(digest: string, id: string, inputs: JsonObject, clock: KernelContext): DecisionAnswer {
  const prepared = plans.get(digest);
  if (!prepared) throw new PlanUnknown();
  plans.delete(digest);
  plans.set(digest, prepared);
  return new Run(prepared, inputs, clock).decide(id);
}

/**
 * Evaluates a decision, decision service or knowledge model of a plan. What goes wrong in one decision makes it null and
 * is told in `errors` (DMN 1.5 §10.3.2.13.1), the others go on.
 */
export function decide(plan: Plan, id: string, inputs: JsonObject, clock: KernelContext = {}): DecisionAnswer {
  return new Run(new Prepared(plan), inputs, clock).decide(id);
}
