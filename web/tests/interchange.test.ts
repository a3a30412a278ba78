import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { BpmnModdle } from 'bpmn-moddle';
import { Parser } from 'saxen';
import { describe, expect, it } from 'vitest';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';

import lianban from '../src/bpmn/moddle/lianban.json';

const FOLDER = join(import.meta.dirname, '../../tests/vectors/miwg');
const MODEL = 'http://www.omg.org/spec/BPMN/20100524/MODEL';

/** Attributes that say what holds without them; the library leaves them out. */
const DEFAULTS: Record<string, string> = {
  cancelActivity: 'true', completionQuantity: '1', isClosed: 'false', isCollection: 'false', isForCompensation: 'false', isInterrupting: 'true',
  isSequential: 'false', isUnlimited: 'true', parallelMultiple: 'false', processType: 'None', startQuantity: '1', triggeredByEvent: 'false',
  instantiate: 'false', messageVisibleKind: 'initiating', eventGatewayType: 'Exclusive', gatewayDirection: 'Unspecified', associationDirection: 'None', ordering: 'Parallel',
  cancelRemainingInstances: 'true', testBefore: 'false', behavior: 'All', implementation: '##WebService', textFormat: 'text/plain', itemKind: 'Information',
  typeLanguage: 'http://www.w3.org/2001/XMLSchema', expressionLanguage: 'http://www.w3.org/1999/XPath', waitForCompletion: 'true',
};

/** What the library cannot keep: here a reference into another file, and what hangs on it. The file itself is kept as it was drawn. */
const LOST: Record<string, string[]> = {
  'C.8.1.bpmn': [
    `${MODEL} outMessageRef`,
    `${MODEL} formalExpression`,
    'http://www.trisotech.com/2015/triso/modeling allowedValues @http://www.trisotech.com/2015/triso/modeling constraintsType=enumeration',
  ],
};

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** A value as it is read; `30.0` and `30` are one number. */
function plain(written: string): string {
  const value = written.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex?: string, decimal?: string, name?: string) =>
    name !== undefined ? (ENTITIES[name] ?? name) : String.fromCodePoint(hex !== undefined ? parseInt(hex, 16) : Number(decimal)),
  );
  return /^-?\d+\.\d+$/.test(value) ? String(Number(value)) : value;
}

/** Every element and attribute with how often it is there; attributes by the element that has them. */
function content(xml: string): Map<string, number> {
  const found = new Map<string, number>();
  const add = (key: string): void => void found.set(key, (found.get(key) ?? 0) + 1);
  const scopes: Record<string, string>[] = [{}];
  const qualified = (name: string, spaces: Record<string, string>, own: boolean): string => {
    const [local, prefix] = name.split(':').reverse();
    return `${prefix !== undefined ? (spaces[prefix] ?? prefix) : own ? (spaces[''] ?? '') : ''} ${local ?? ''}`;
  };
  const parser = new Parser();
  parser.on('openTag', (name: string, attributesOf: () => Record<string, string>) => {
    const attributes = attributesOf();
    const spaces = { ...scopes.at(-1) };
    for (const [key, value] of Object.entries(attributes)) if (/^xmlns(:|$)/.test(key)) spaces[key.slice(6)] = value;
    scopes.push(spaces);
    const tag = qualified(name, spaces, true);
    add(tag);
    for (const [key, value] of Object.entries(attributes)) {
      const told = /^xmlns(:|$)/.test(key) || key === 'xsi:type' || DEFAULTS[key] === value;
      if (!told) add(`${tag} @${qualified(key, spaces, false)}=${plain(value)}`);
    }
  });
  parser.on('closeTag', () => void scopes.pop());
  parser.parse(xml);
  return found;
}

function missing(before: Map<string, number>, after: Map<string, number>): string[] {
  return [...before].filter(([key, count]) => (after.get(key) ?? 0) < count).map(([key]) => key);
}

describe.each(readdirSync(FOLDER).filter((name) => name.endsWith('.bpmn')))('%s', (name) => {
  it('comes out of the designer as it went in', async () => {
    const xml = readFileSync(join(FOLDER, name), 'utf-8');
    const moddle = new BpmnModdle({ zeebe, lianban });
    const { rootElement } = await moddle.fromXML(xml, 'bpmn:Definitions');
    const { xml: written } = await moddle.toXML(rootElement, { format: true });
    expect(missing(content(xml), content(written)).sort()).toEqual((LOST[name] ?? []).sort());
    expect([...content(written).keys()].some((key) => key.startsWith(MODEL))).toBe(true);
  });
});
