import type { MaterialSpec } from '../../case/types';
import { evaluate, type JsonObject } from '../../kernel';

/** Which materials this application needs: those always needed and those whose condition holds for the data. */
export function neededMaterials(specs: MaterialSpec[], data: JsonObject, now: string): MaterialSpec[] {
  const conditional = specs.filter((spec) => spec.needIf);
  const context = { ...data, application: data, now, zone: 'Asia/Shanghai' };
  const results = evaluate(conditional.map((spec) => ({ id: spec.code, source: (spec.needIf ?? '').replace(/^\s*=/, '') })), context);
  const holds = new Set(results.filter((result) => result.value === true).map((result) => result.id));
  return specs.filter((spec) => !spec.needIf || holds.has(spec.code));
}

/** May this material come later (容缺) or be replaced by a promise (告知承诺)? */
export function mayComeLater(spec: MaterialSpec): boolean {
  return Boolean(spec.gap && !/^(否|no)/i.test(spec.gap));
}
