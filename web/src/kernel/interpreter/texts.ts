import { truncated } from './arithmetic';
import { within } from './limits';
import type { Num } from './decimal';
import { patternOf, replaced } from './patterns';
import { builtIn } from './signature';
import type { List } from './values';

function substring(text: string, start: Num, length: Num | null): string | null {
  const from = truncated(start);
  const count = length === null ? null : truncated(length);
  if (from === null || from === 0 || (length !== null && (count === null || count < 1))) return null;
  const characters = Array.from(text);
  const begin = from > 0 ? from - 1 : characters.length + from;
  if (begin < 0 || (begin >= characters.length && from > 0 && count !== null)) return begin < 0 ? null : '';
  return characters.slice(begin, count === null ? undefined : begin + count).join('');
}

function before(text: string, match: string): string {
  const at = text.indexOf(match);
  return at < 0 ? '' : text.slice(0, at);
}

function after(text: string, match: string): string {
  const at = text.indexOf(match);
  return at < 0 ? '' : text.slice(at + match.length);
}

function replace(input: string, pattern: string, replacement: string, flags: string | null): string | null {
  const regExp = patternOf(pattern, flags ?? '');
  // XPath: a pattern that matches nothing has no replacement.
  if (regExp && ''.search(regExp) === 0) return null;
  const result = regExp && replaced(input, regExp, replacement, (flags ?? '').includes('q'));
  if (result !== null) within('text', result.length);
  return result;
}

function matches(input: string, pattern: string, flags: string | null): boolean | null {
  within('matched', input.length);
  const regExp = patternOf(pattern, flags ?? '');
  return regExp && regExp.test(input);
}

function split(text: string, delimiter: string): List | null {
  within('matched', text.length);
  const regExp = patternOf(delimiter, '');
  if (!regExp) return null;
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(regExp)) {
    if (match[0] === '') {
      if (match.index === 0 || match.index >= text.length) continue;
    }
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  within('items', parts.length);
  return parts;
}

function join(list: List, delimiter: string | null): string | null {
  const texts = list.filter((item) => item !== null && item !== undefined);
  if (!texts.every((item) => typeof item === 'string')) return null;
  const size = texts.reduce((sum, text) => sum + text.length, 0) + (delimiter ?? '').length * texts.length;
  within('text', size);
  return texts.join(delimiter ?? '');
}

export const texts = {
  substring: builtIn(['string: string, start position: number, length?: number', substring]),
  'string length': builtIn(['string: string', (text: string) => Array.from(text).length]),
  'upper case': builtIn(['string: string', (text: string) => text.toUpperCase()]),
  'lower case': builtIn(['string: string', (text: string) => text.toLowerCase()]),
  'substring before': builtIn(['string: string, match: string', before]),
  'substring after': builtIn(['string: string, match: string', after]),
  replace: builtIn(['input: string, pattern: string, replacement: string, flags?: string', replace]),
  contains: builtIn(['string: string, match: string', (text: string, match: string) => text.includes(match)]),
  'starts with': builtIn(['string: string, match: string', (text: string, match: string) => text.startsWith(match)]),
  'ends with': builtIn(['string: string, match: string', (text: string, match: string) => text.endsWith(match)]),
  matches: builtIn(['input: string, pattern: string, flags?: string', matches]),
  split: builtIn(['string: string, delimiter: string', split]),
  'string join': builtIn(['list: list, delimiter?: string', join]),
};
