import { describe, expect, it } from 'vitest';

import { type Expression, type Plan, type PlanNode, decide } from '../src/kernel/decisions';
import { checkPlan } from '../src/kernel/decisions/check';
import { call } from '../src/kernel/host';

const literal = (text: string): Expression => ({ kind: 'literal', at: null, type: null, text });

function plan(nodes: Record<string, PlanNode>, types: Plan['types'] = {}): Plan {
  return { version: 1, open: false, nodes, types };
}

const age: PlanNode = { kind: 'input', id: 'age', name: 'age', type: 'number', paths: [['age']] };

function decision(text: string, ...needs: string[]): PlanNode {
  return {
    kind: 'decision', id: 'd', name: 'd', type: null, logic: literal(text),
    requires: needs.map((name) => ({ id: `m#${name}`, path: [name] })),
  };
}

const TABLE: Expression = {
  kind: 'table', at: 't', type: null, hitPolicy: 'UNIQUE', aggregation: null,
  inputs: [{ at: 'c', type: null, text: 'age', label: 'age', allowed: null }],
  outputs: [{ at: 'o', type: null, name: 'fee', label: 'fee', allowed: null, default: null }],
  rules: [{ id: 'r1', tests: ['< 18'], outputs: ['0'] }, { id: 'r2', tests: ['>= 18'], outputs: ['20'] }],
};

describe('decisions', () => {
  it('decides by a table and tells which rule matched', () => {
    const fee: PlanNode = { kind: 'decision', id: 'fee', name: 'fee', type: 'number', logic: TABLE, requires: [{ id: 'm#age', path: ['age'] }] };
    const answer = decide(plan({ 'm#age': age, 'm#fee': fee }), 'm#fee', { age: 30 });
    expect(answer).toMatchObject({ value: 20, errors: [], trace: [{ id: 'fee', value: 20, rules: [1], inputs: [30] }] });
  });

  it('reads names as the plan declares them, whatever the data', () => {
    const named: PlanNode = { ...age, name: 'a-b' };
    const p = plan({ 'm#a-b': named, 'm#d': decision('a-b + 1', 'a-b') });
    expect(decide({ ...p, nodes: { ...p.nodes, 'm#a-b': { ...named, paths: [['a-b']] } } }, 'm#d', { 'a-b': 4, a: 9, b: 1 }).value).toBe(5);
  });

  it('answers null with a reason that names no value', () => {
    const answer = decide(plan({ 'm#age': age, 'm#d': decision('age', 'age') }), 'm#d', { age: 'private' });
    expect(answer.value).toBeNull();
    expect(answer.errors.map((problem) => problem.code)).toEqual(['typeMismatch']);
    expect(JSON.stringify(answer.errors)).not.toContain('private');
  });

  it('tags dates and reads them where the plan types them', () => {
    const born: PlanNode = { ...age, type: 'date' };
    const answer = decide(plan({ 'm#age': born, 'm#d': decision('age + duration("P1D")', 'age') }), 'm#d', { age: '2024-02-28' });
    expect(answer.value).toEqual({ $feel: 'date', value: '2024-02-29' });
  });

  it('takes the clock it is given', () => {
    const clock = { now: '2026-01-01T00:30:00+08:00' };
    expect(decide(plan({ 'm#d': decision('string(today())') }), 'm#d', {}, clock).value).toBe('2026-01-01');
  });

  it('checks every text with the names in scope', () => {
    const found = checkPlan(plan({ 'm#age': age, 'm#d': decision('age + height + nothing(1)', 'age') }));
    expect(found.map((problem) => problem.code)).toContain('unknown_function');
    expect(checkPlan(plan({ 'm#d': decision('1 +') })).map((problem) => problem.code)).toEqual(['syntax']);
    expect(checkPlan(plan({ 'm#age': age, 'm#d': decision('age + height', 'age') }))).toMatchObject([{ code: 'unknown_name', message: 'height' }]);
  });

  it('asks the host for a plan it does not hold', () => {
    const request = { digest: 'x', id: 'm#d', inputs: {}, clock: {} };
    const ask = (): unknown => JSON.parse(call('decide', JSON.stringify(request)));
    expect(ask()).toMatchObject({ failed: { code: 'plan_unknown' } });
    call('loadPlan', JSON.stringify({ digest: 'x', plan: plan({ 'm#d': decision('1 + 1') }) }));
    expect(ask()).toMatchObject({ ok: { value: 2 } });
  });
});
