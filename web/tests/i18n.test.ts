import { describe, expect, it } from 'vitest';

import enMessages from '../../forms/messages/en.json';
import zhMessages from '../../forms/messages/zh.json';
import { messageOf } from '../src/forms/messages';
import { fill } from '../src/i18n';

type Module = { default: Record<string, string> };

const zh = import.meta.glob<Module>('../src/i18n/zh/*.ts', { eager: true });
const en = import.meta.glob<Module>('../src/i18n/en/*.ts', { eager: true });
const areas = Object.keys(zh).map((path) => path.replace(/^.*\/(\w+)\.ts$/, '$1'));

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();
}

describe.each(areas)('words of %s', (area) => {
  const chinese = zh[`../src/i18n/zh/${area}.ts`]?.default ?? {};
  const english = en[`../src/i18n/en/${area}.ts`]?.default ?? {};

  it('has the same keys in both languages', () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(chinese).sort());
  });

  it('has no empty text', () => {
    expect(Object.entries({ ...chinese, ...english }).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('fills in the same parameters', () => {
    const different = Object.keys(chinese).filter(
      (key) => new Set([...placeholders(chinese[key] ?? ''), ...placeholders(english[key] ?? '')]).size !== new Set(placeholders(chinese[key] ?? '')).size
        || placeholders(english[key] ?? '').some((name) => !placeholders(chinese[key] ?? '').includes(name)),
    );
    expect(different).toEqual([]);
  });
});

describe('messages of forms', () => {
  it('has the same codes in both languages', () => {
    expect(Object.keys(enMessages)).toEqual(Object.keys(zhMessages));
  });

  it('fills in parameters', () => {
    expect(messageOf('too_long', { max: 50 }, 'zh')).toBe('最多 50 个字');
    expect(messageOf('region_level', { level: 'county' }, 'en')).toBe('Choose down to the county');
    expect(messageOf('rule_broken', { text: '不对' }, 'en')).toBe('不对');
    expect(fill('{a} and {b}', { a: 1 })).toBe('1 and {b}');
    expect([1, 2].map((n) => fill('{n} working {n|day|days}', { n }))).toEqual(['1 working day', '2 working days']);
  });
});
