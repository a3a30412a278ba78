import { describe, expect, it } from 'vitest';

import { changedType, readValue } from '../src/admin/pages/correction';

describe('a corrected value', () => {
  it('is read in the chosen type', () => {
    expect(readValue('number', ' 3.5 ')).toEqual({ value: 3.5, problem: null });
    expect(readValue('string', '120')).toEqual({ value: '120', problem: null });
    expect(readValue('boolean', 'false')).toEqual({ value: false, problem: null });
    expect(readValue('null', 'whatever')).toEqual({ value: null, problem: null });
    expect(readValue('list', '[1, {"a": null}]')).toEqual({ value: [1, { a: null }], problem: null });
    expect(readValue('object', '{"code": "A"}')).toEqual({ value: { code: 'A' }, problem: null });
  });

  it('is refused when it is of another type', () => {
    for (const text of ['', 'ten', '1e400', 'NaN', '0x10']) expect(readValue('number', text).problem).toBe('number');
    expect(readValue('boolean', 'yes').problem).toBe('boolean');
    for (const text of ['', '{}', '[1', '1']) expect(readValue('list', text).problem).toBe('list');
    for (const text of ['', '[]', 'null', '{a: 1}']) expect(readValue('object', text).problem).toBe('object');
  });

  it('says when its type changes', () => {
    expect(changedType('string', 'number')).toBe(true);
    expect(changedType('number', 'number')).toBe(false);
    expect(changedType('missing', 'number')).toBe(false);
    expect(changedType('null', 'list')).toBe(false);
  });
});
