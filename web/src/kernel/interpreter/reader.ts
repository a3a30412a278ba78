import { limits } from './limits';
import { FeelSyntaxError, type Place } from './syntax';

const START = String.raw`A-Za-z_\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}`;
const PART = String.raw`${START}0-9\u00B7\u0300-\u036F\u203F-\u2040`;
const SPACE = String.raw`\u0009-\u000D\u0020\u0085\u00A0\u1680\u180E\u2000-\u200B\u2028\u2029\u202F\u205F\u3000\uFEFF`;

/* eslint-disable no-misleading-character-class -- the joiners are meant, not what they combine with */
// `\u3000` is a space and not within START; the other spaces of its ranges are taken out by the look-ahead.
const IDENTIFIER = new RegExp(`(?![${SPACE}])[${START}](?:(?![${SPACE}])[${PART}])*`, 'uy');
const BLANK = new RegExp(`(?:[${SPACE}]+|//[^\\n]*|/\\*[^]*?\\*/)*`, 'uy');
const END_OF_WORD = new RegExp(`(?!(?![${SPACE}])[${PART}])`, 'uy');
const SPACES = new RegExp(`[${SPACE}]+`, 'gu');
/** A key or parameter name in front of its colon: a name with the signs FEEL allows in names. */
const RAW_NAME = new RegExp(`(?![${SPACE}])[${START}][${PART}${SPACE}./'+*-]*(?=:)`, 'uy');
const WHOLE_NAME = new RegExp(`^[${PART}${SPACE}./'+*-]+$`, 'u');
/* eslint-enable no-misleading-character-class */

export const KEYWORDS = new Set([
  'true', 'false', 'null', 'if', 'then', 'else', 'for', 'return', 'some', 'every', 'satisfies', 'in', 'and', 'or',
  'between', 'instance', 'function', 'external',
]);

/** The one form of a name: single spaces. */
export function normalName(text: string): string {
  return text.replace(SPACES, ' ').trim();
}

function pattern(name: string): RegExp {
  const parts = name.split(/([ ./'+*-])/).filter((part) => part !== '');
  const escaped = parts.map((part) => {
    if (part === ' ') return `[${SPACE}]+`;
    return /^[./'+*-]$/.test(part) ? `[${SPACE}]*\\${part === "'" ? 'u0027' : part === '/' ? 'u002F' : part === '-' ? 'u002D' : part}[${SPACE}]*` : part;
  });
  return new RegExp(escaped.join('').replaceAll(`[${SPACE}]*[${SPACE}]+`, `[${SPACE}]*`).replaceAll(`[${SPACE}]+[${SPACE}]*`, `[${SPACE}]*`), 'uy');
}

/** Names that are more than one identifier, by their first identifier, longest first. */
export class KnownNames {
  private readonly byFirst = new Map<string, { name: string; read: RegExp }[]>();
  private readonly all = new Set<string>();

  constructor(names: Iterable<string> = [], private readonly parent?: KnownNames) {
    for (const name of names) this.add(name);
  }

  add(raw: string): void {
    const name = normalName(raw);
    IDENTIFIER.lastIndex = 0;
    const first = IDENTIFIER.exec(name)?.[0];
    // A key that is no name is read in quotes only.
    if (first === undefined || first === name || this.all.has(name) || !WHOLE_NAME.test(name)) return;
    this.all.add(name);
    const same = this.byFirst.get(first) ?? [];
    same.push({ name, read: pattern(name) });
    same.sort((a, b) => b.name.length - a.name.length);
    this.byFirst.set(first, same);
  }

  /** The longest of these names at a place of the source, with its end. */
  find(first: string, source: string, at: number): { name: string; to: number } | null {
    let best = this.parent?.find(first, source, at) ?? null;
    for (const { name, read } of this.byFirst.get(first) ?? []) {
      read.lastIndex = at;
      const match = read.exec(source);
      if (!match) continue;
      const to = at + match[0].length;
      END_OF_WORD.lastIndex = to;
      if (END_OF_WORD.test(source) && (!best || to > best.to)) best = { name, to };
    }
    return best;
  }
}

/** Reads words and signs of a source text from left to right. */
export class Reader {
  pos = 0;
  protected depth = 0;

  constructor(readonly source: string) {
    this.skip();
  }

  fail(message: string, place?: Place): never {
    throw new FeelSyntaxError(message, place ?? { from: this.pos, to: Math.min(this.pos + 1, this.source.length) });
  }

  /** Says what stands where something else was expected. */
  unexpected(): never {
    if (this.pos >= this.source.length) this.fail('The expression ends too early');
    const word = this.identifierAt(this.pos) ?? String.fromCodePoint(this.source.codePointAt(this.pos) ?? 0);
    this.fail('This is not expected here', { from: this.pos, to: this.pos + word.length });
  }

  protected deeper<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > limits.nesting) this.fail('The expression is nested too deeply');
    try {
      return read();
    } finally {
      this.depth -= 1;
    }
  }

  skip(): void {
    BLANK.lastIndex = this.pos;
    BLANK.exec(this.source);
    this.pos = Math.max(this.pos, BLANK.lastIndex);
  }

  looking(sign: string): boolean {
    return this.source.startsWith(sign, this.pos);
  }

  take(sign: string): boolean {
    if (!this.looking(sign)) return false;
    this.pos += sign.length;
    this.skip();
    return true;
  }

  expect(sign: string): void {
    if (!this.take(sign)) this.unexpected();
  }

  protected identifierAt(at: number): string | null {
    IDENTIFIER.lastIndex = at;
    return IDENTIFIER.exec(this.source)?.[0] ?? null;
  }

  /** The word at the cursor without taking it. */
  word(): string | null {
    return this.identifierAt(this.pos);
  }

  takeWord(word: string): boolean {
    if (this.word() !== word) return false;
    this.pos += word.length;
    this.skip();
    return true;
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) this.unexpected();
  }

  /** The longest known name here, else the identifiers here with single spaces between. Keywords end a name. */
  name(known: KnownNames): string {
    const first = this.word();
    if (first === null) this.unexpected();
    const found = known.find(first, this.source, this.pos);
    if (found) {
      this.pos = found.to;
      this.skip();
      return found.name;
    }
    if (KEYWORDS.has(first)) this.unexpected();
    const words: string[] = [];
    for (let word: string | null = first; word !== null && !KEYWORDS.has(word); word = this.word()) {
      words.push(word);
      this.pos += word.length;
      this.skip();
    }
    return words.join(' ');
  }

  /** A name in front of a colon, when there is one here; the colon is taken. */
  keyed(): string | null {
    RAW_NAME.lastIndex = this.pos;
    const match = RAW_NAME.exec(this.source);
    if (!match) return null;
    this.pos += match[0].length;
    this.skip();
    this.expect(':');
    return normalName(match[0]);
  }

  /** Decimal digits with point and exponent; null when no number begins here. `1..5` is two numbers. */
  number(): string | null {
    const match = /(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
    match.lastIndex = this.pos;
    const text = match.exec(this.source)?.[0];
    if (text === undefined) return null;
    this.pos += text.length;
    this.skip();
    return text;
  }

  /** A text literal at the cursor, which stands on its quote. */
  text(): string {
    const from = this.pos;
    const raw = /"((?:[^"\\]|\\[^])*)"/y;
    raw.lastIndex = from;
    const match = raw.exec(this.source);
    if (!match) this.fail('The text has no end', { from, to: this.source.length });
    this.pos = from + match[0].length;
    this.skip();
    return unescaped(match[1] ?? '');
  }
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' };

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([^]))/g, (whole, short?: string, long?: string, sign?: string) => {
    const code = short ?? long;
    if (code === undefined) return ESCAPES[sign ?? ''] ?? whole;
    const point = Number.parseInt(code, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
