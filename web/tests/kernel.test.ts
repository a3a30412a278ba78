import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import {
  type FormSchema, type Json, type JsonObject, type MaskKind, checkBankAccount, checkCertIdentifier, checkIdCard,
  checkMobile, checkPersonName, checkRegion, checkUscc, computeForm, evaluate, mask, normaliseCode, parse, validateForm,
} from '../src/kernel';
import { call } from '../src/kernel/host';

const FOLDER = resolve(import.meta.dirname, '../../tests/vectors/kernel');

function vectors<T>(name: string): T[] {
  return JSON.parse(readFileSync(resolve(FOLDER, `${name}.json`), 'utf8')) as T[];
}

interface FeelVector { name: string; source: string; unary?: boolean; context: JsonObject; value?: Json; type?: string; error?: string }
interface ParseVector { source: string; names?: string[]; filterNames?: string[]; error?: string }
interface CheckVector { kind: string; value: string; today: string; code: string | null; option?: string }
interface FormVector { name: string; schema: FormSchema; data: Json; context: JsonObject; errors: { path: string; code: string }[]; accepted?: JsonObject }

describe('FEEL', () => {
  it.each(vectors<FeelVector>('feel'))('$name', ({ source, unary, context, value, type, error }) => {
    const [result] = evaluate([{ id: 'x', source, unary: unary ?? false }], context);
    if (error) expect(result?.error?.code).toBe(error);
    else expect(result).toMatchObject({ value, type });
  });

  it.each(vectors<ParseVector>('parse'))('reads "$source"', ({ source, names, filterNames, error }) => {
    const [result] = parse([{ id: 'x', source }]);
    expect(result?.error?.code).toBe(error);
    if (!error) expect(result).toMatchObject({ names, filterNames });
  });

  it('answers the same again: nothing of a call stays', () => {
    const expressions = [{ id: 'a', source: 'x + 1' }, { id: 'b', source: 'y' }];
    expect(evaluate(expressions, { x: 1 })).toEqual(evaluate(expressions, { x: 1 }));
    expect(evaluate(expressions, { x: 5 })[0]?.value).toBe(6);
  });

  it('says where a syntax error is', () => {
    expect(parse([{ id: 'x', source: 'a + + ' }])[0]?.error?.position).toBeDefined();
  });
});

describe('values', () => {
  const run: Record<string, (vector: CheckVector) => { code: string } | null> = {
    idcard: ({ value, today }) => checkIdCard(value, today),
    uscc: ({ value }) => checkUscc(value),
    mobile: ({ value }) => checkMobile(value),
    bankAccount: ({ value, option }) => checkBankAccount(value, option === 'corporate'),
    certIdentifier: ({ value }) => checkCertIdentifier(value),
    personName: ({ value }) => checkPersonName(value),
    region6: ({ value, option }) => checkRegion(value, option as 'county' | undefined),
  };
  it.each(vectors<CheckVector>('checks'))('$kind $value', (vector) => {
    expect(run[vector.kind]?.(vector)?.code ?? null).toBe(vector.code);
  });
  it.each(vectors<{ value: string; kept: string }>('normalise'))('keeps $kept', ({ value, kept }) => {
    expect(normaliseCode(value)).toBe(kept);
  });
  it.each(vectors<{ kind: MaskKind; value: string; masked: string }>('mask'))('masks as $masked', ({ kind, value, masked }) => {
    expect(mask(kind, value)).toBe(masked);
  });
});

describe('forms', () => {
  it.each(vectors<FormVector>('forms'))('$name', ({ schema, data, context, errors, accepted }) => {
    const result = validateForm(schema, data, context);
    expect(result.errors.map(({ path, code }) => ({ path, code }))).toEqual(errors);
    if (accepted) expect(result.data).toEqual(accepted);
    expect(computeForm(schema, data, context).data).toEqual(result.data);
  });

  it('leaves the data it is given alone', () => {
    const [vector] = vectors<FormVector>('forms').filter((each) => each.name === 'rows: what is kept');
    if (!vector) throw new Error('vector is gone');
    const before = JSON.stringify(vector.data);
    validateForm(vector.schema, vector.data, vector.context);
    expect(JSON.stringify(vector.data)).toBe(before);
  });
});

describe('the door of the server', () => {
  const ask = (operation: string, request: unknown): unknown => JSON.parse(call(operation, JSON.stringify(request)));

  it('answers in JSON', () => {
    expect(ask('evaluate', { expressions: [{ id: 'x', source: '1' }], context: {} })).toMatchObject({ ok: [{ value: 1 }] });
    expect(ask('normaliseCode', { value: 'ａ' })).toEqual({ ok: 'A' });
    expect(ask('isPattern', { pattern: '(' })).toEqual({ ok: false });
  });

  it('tells a broken form and an unknown operation', () => {
    const schema = { components: [{ id: 'x', type: 'textfield', key: 'x', conditional: { hide: '=a +' } }] };
    expect(ask('computeForm', { schema, data: {}, context: {} })).toMatchObject({ failed: { code: 'form_broken', component: 'x' } });
    expect(ask('nothing', {})).toMatchObject({ failed: { code: 'kernel' } });
  });
});
