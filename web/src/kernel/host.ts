import { checkBankAccount, checkCertIdentifier, checkIdCard, checkMobile, checkPersonName, checkRegion, checkUscc, normaliseCode, type Finding, type RegionLevel } from './checks';
import { checkPlan } from './decisions/check';
import { PlanUnknown, decideLoaded, loadPlan } from './decisions/decide';
import type { Plan } from './decisions/plan';
import { evaluate, parse } from './feel';
import { configure } from './interpreter';
import { FormBroken, computeForm, validateForm } from './form';
import { mask, type MaskKind } from './mask';
import type { FormSchema } from './schema';
import type { Json, JsonObject, KernelContext, SourceExpression } from './types';

type Operation = (argument: never) => unknown;

interface DecideRequest {
  digest: string;
  id: string;
  inputs: JsonObject;
  clock: KernelContext;
}

interface FormRequest {
  schema: FormSchema;
  data: Json;
  context: KernelContext;
}

function check(kind: string, value: string, today: string, option: string | undefined): Finding {
  switch (kind) {
    case 'idcard': return checkIdCard(value, today);
    case 'uscc': return checkUscc(value);
    case 'mobile': return checkMobile(value);
    case 'bankAccount': return checkBankAccount(value, option === 'corporate');
    case 'certIdentifier': return checkCertIdentifier(value);
    case 'personName': return checkPersonName(value);
    case 'region6': return checkRegion(value, option as RegionLevel | undefined);
    default: throw new Error(`unknown check ${kind}`);
  }
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}

const operations: Record<string, Operation> = {
  configure: (request: { limits: Record<string, number> }) => {
    configure(request.limits);
    return null;
  },
  evaluate: (request: { expressions: SourceExpression[]; context: KernelContext }) => evaluate(request.expressions, request.context),
  parse: (request: { expressions: SourceExpression[] }) => parse(request.expressions),
  loadPlan: (request: { digest: string; plan: Plan }) => {
    loadPlan(request.digest, request.plan);
    return null;
  },
  decide: (request: DecideRequest) => decideLoaded(request.digest, request.id, request.inputs, request.clock),
  checkPlan: (request: { plan: Plan }) => checkPlan(request.plan),
  validateForm: (request: FormRequest) => validateForm(request.schema, request.data, request.context),
  computeForm: (request: FormRequest) => computeForm(request.schema, request.data, request.context),
  check: (request: { kind: string; value: string; today: string; option?: string }) =>
    check(request.kind, request.value, request.today, request.option),
  normaliseCode: (request: { value: string }) => normaliseCode(request.value),
  isPattern: (request: { pattern: string }) => isPattern(request.pattern),
  mask: (request: { kind: MaskKind; value: string }) => mask(request.kind, request.value),
};

/** The one door for the server: operation and request as JSON text, answer as JSON text. */
export function call(operation: string, request: string): string {
  try {
    const run = operations[operation];
    if (!run) throw new Error(`unknown operation ${operation}`);
    return JSON.stringify({ ok: run(JSON.parse(request) as never) });
  } catch (error) {
    if (error instanceof FormBroken) {
      return JSON.stringify({ failed: { code: 'form_broken', message: error.message, component: error.component } });
    }
    if (error instanceof PlanUnknown) return JSON.stringify({ failed: { code: 'plan_unknown', message: error.message } });
    const failure = error instanceof Error ? error : new Error(String(error));
    return JSON.stringify({ failed: { code: failure.name === 'NoClock' ? 'no_clock' : 'kernel', message: failure.message } });
  }
}
