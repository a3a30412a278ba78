import { within } from './limits';

const FLAGS = /^[smixq]*$/;
const compiled = new Map<string, RegExp | null>();

/** Blocks of Unicode that patterns name (`\p{IsBasicLatin}`); ECMAScript knows scripts only. */
const BLOCKS: Record<string, string> = {
  BasicLatin: String.raw`\u0000-\u007F`, 'Latin-1Supplement': String.raw`\u0080-\u00FF`, 'LatinExtended-A': String.raw`\u0100-\u017F`,
  Greek: String.raw`\u0370-\u03FF`, GreekandCoptic: String.raw`\u0370-\u03FF`, Cyrillic: String.raw`\u0400-\u04FF`, Hebrew: String.raw`\u0590-\u05FF`,
  Arabic: String.raw`\u0600-\u06FF`, Hiragana: String.raw`\u3040-\u309F`, Katakana: String.raw`\u30A0-\u30FF`,
  CJKUnifiedIdeographs: String.raw`\u4E00-\u9FFF`, HangulSyllables: String.raw`\uAC00-\uD7AF`,
};

/** Classes of XML Schema that ECMAScript lacks, inside and outside of brackets. */
const NAME_START = String.raw`\p{L}_:`;
const NAME_PART = String.raw`\p{L}\p{N}\p{M}_:.\-\u00B7`;

/** A class `[…]` from its bracket on; what is subtracted (`[a-z-[aeiou]]`) is refused by a look-ahead. */
function classAt(pattern: string, from: number): { source: string; to: number } {
  let inner = '';
  let refused = '';
  let index = from + 1;
  for (; index < pattern.length && pattern[index] !== ']'; index += 1) {
    const char = pattern[index] ?? '';
    if (char === '\\') {
      index += 1;
      inner += escape(pattern[index] ?? '', true);
    } else if (char === '-' && pattern[index + 1] === '[') {
      const subtracted = classAt(pattern, index + 1);
      refused = `(?!${subtracted.source})`;
      index = subtracted.to - 1;
    } else inner += char === '[' ? '\\[' : char;
  }
  // Without its end it is no class; the host refuses it then.
  return { source: index < pattern.length ? `${refused}[${inner}]` : '[', to: index + 1 };
}

/** Without the white space that the flag `x` allows: all of it outside of classes, also behind a backslash. */
function compact(pattern: string): string {
  return pattern.replace(/\[(?:\\[^]|[^\]\\])*\]|\s+/g, (part) => (part.startsWith('[') ? part : ''));
}

/** An XPath regular expression as an ECMAScript one: `\i`, `\c`, subtraction. */
function translated(pattern: string): string {
  let source = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern[index] ?? '';
    if (char === '\\') {
      index += 1;
      source += escape(pattern[index] ?? '', false);
    } else if (char === '[') {
      const found = classAt(pattern, index);
      source += found.source;
      index = found.to - 1;
    } else source += char;
  }
  return source;
}

function escape(char: string, inside: boolean): string {
  switch (char) {
    case 'i': return inside ? NAME_START : `[${NAME_START}]`;
    case 'c': return inside ? NAME_PART : `[${NAME_PART}]`;
    case 'I': return `[^${NAME_START}]`;
    case 'C': return `[^${NAME_PART}]`;
    // `d`, `w`: of any script in XML Schema.
    case 'd': return String.raw`\p{Nd}`;
    case 'D': return String.raw`\P{Nd}`;
    case 'w': return inside ? String.raw`\p{L}\p{M}\p{N}\p{S}` : String.raw`[\p{L}\p{M}\p{N}\p{S}_]`;
    case 'W': return String.raw`[^\p{L}\p{M}\p{N}\p{S}_]`;
    case '-': return inside ? String.raw`\-` : '-';
    default: return /[\s"'#%&,:;<=>@`~!]/.test(char) ? (inside && /[&,:;<=>@`~!#%]/.test(char) ? `\\${char}` : char) : `\\${char}`;
  }
}

/** The regular expression of `matches`, `replace` and `split` (XPath 2.0, 7.6); null when it is none. */
export function patternOf(pattern: string, flags: string): RegExp | null {
  within('pattern', pattern.length);
  if (!FLAGS.test(flags)) return null;
  const key = `${flags}/${pattern}`;
  let regExp = compiled.get(key);
  if (regExp === undefined) {
    regExp = compile(pattern, flags);
    if (compiled.size >= 500) compiled.clear();
    compiled.set(key, regExp);
  }
  if (regExp) regExp.lastIndex = 0;
  return regExp;
}

function compile(pattern: string, flags: string): RegExp | null {
  const known = pattern.replace(/\\p\{Is([\w-]+)\}/g, (whole, block: string) => (Object.hasOwn(BLOCKS, block) ? `[${BLOCKS[block] ?? ''}]` : whole));
  const source = flags.includes('q') ? pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') : translated(flags.includes('x') ? compact(known) : known);
  try {
    return new RegExp(source, `gu${['s', 'm', 'i'].filter((flag) => flags.includes(flag)).join('')}`);
  } catch {
    return null;
  }
}

/** The text with every match replaced; `$1` is a group, `$0` the match, `\$` and `\\` the signs. Null when the replacement is none. */
export function replaced(text: string, pattern: RegExp, replacement: string, plain: boolean): string | null {
  within('matched', text.length);
  if (plain) return text.replace(pattern, () => replacement);
  const parts = replacement.match(/\\[\\$]|\$\d+|[^\\$]+|[^]/g) ?? [];
  if (parts.some((part) => part === '$' || part === '\\')) return null;
  return text.replace(pattern, (...found: unknown[]) => {
    const groups = found.slice(0, found.findIndex((each) => typeof each === 'number')) as (string | undefined)[];
    return parts.map((part) => expanded(part, groups)).join('');
  });
}

function expanded(part: string, groups: readonly (string | undefined)[]): string {
  if (part.startsWith('\\')) return part.slice(1);
  if (!/^\$\d/.test(part)) return part;
  // The longest number that is a group; further digits are text.
  let digits = part.slice(1);
  let rest = '';
  while (digits.length > 1 && Number(digits) >= groups.length) {
    rest = digits.slice(-1) + rest;
    digits = digits.slice(0, -1);
  }
  return (Number(digits) < groups.length ? (groups[Number(digits)] ?? '') : '') + rest;
}
