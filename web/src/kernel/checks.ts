import type { JsonObject } from './types';

/** Why a value is refused, or null when it is right. */
export type Finding = { code: string; params?: JsonObject } | null;

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS = '10X98765432';
const USCC_CHARS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const BASE36 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** GB/T 2260 province codes, incl. Taiwan, Hong Kong, Macao. */
const PROVINCES = /^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/;

/** Full-width forms to ASCII, white space out, upper case: how people type numbers and how they are kept. */
export function normaliseCode(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, '').toUpperCase();
}

/** Code points, not UTF-16 units: 𠮷 is one character. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** Whether a calendar date in ISO form (`2024-02-29`) exists. */
export function isRealDate(iso: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] ?? 0);
}

/** Birth date in an 18-digit ID number as ISO text, not checked. */
export function idCardBirth(id: string): string {
  return `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`;
}

/** GB/T 2261.1 code from digit 17 of an ID number: odd 1 male, even 2 female. */
export function idCardSex(id: string): string {
  return Number(id[16]) % 2 === 1 ? '1' : '2';
}

/** GB 11643: 18 characters, real birth date not after `today` (ISO), check character. Region codes are not looked up. */
export function checkIdCard(id: string, today: string): Finding {
  if (lengthOf(id) !== 18) return { code: 'idcard_length' };
  if (!/^[1-9]\d{16}[\dX]$/.test(id)) return { code: 'idcard_format' };
  const birth = idCardBirth(id);
  if (!isRealDate(birth)) return { code: 'idcard_birth' };
  if (birth > today) return { code: 'idcard_birth_future' };
  const sum = ID_WEIGHTS.reduce((total, weight, index) => total + weight * Number(id[index]), 0);
  return ID_CHECKS[sum % 11] === id[17] ? null : { code: 'idcard_check' };
}

/** GB 32100: unified social credit code. */
export function checkUscc(code: string): Finding {
  if (!/^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(code)) return { code: 'uscc_format' };
  const sum = USCC_WEIGHTS.reduce((total, weight, index) => total + weight * USCC_CHARS.indexOf(code[index] ?? ''), 0);
  return USCC_CHARS[(31 - (sum % 31)) % 31] === code[17] ? null : { code: 'uscc_check' };
}

export function checkMobile(number: string): Finding {
  return /^1[3-9]\d{9}$/.test(number) ? null : { code: 'mobile_format' };
}

/** Luhn over digits only. */
function luhnValid(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    let digit = Number(digits[digits.length - 1 - index]);
    if (index % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

/** A personal card has 16-19 digits and Luhn; a corporate account 8-32 digits without. */
export function checkBankAccount(account: string, corporate: boolean): Finding {
  if (corporate) return /^\d{8,32}$/.test(account) ? null : { code: 'account_format', params: { min: 8, max: 32 } };
  if (!/^\d{16,19}$/.test(account)) return { code: 'account_format', params: { min: 16, max: 19 } };
  return luhnValid(account) ? null : { code: 'account_check' };
}

/** ISO/IEC 7064 MOD 37,36 check character of letters and digits. */
function mod3736(text: string): string {
  let product = 36;
  for (const char of text) {
    let sum = (product + BASE36.indexOf(char)) % 36;
    if (sum === 0) sum = 36;
    product = (sum * 2) % 37;
  }
  return BASE36[(37 - product) % 36] ?? '';
}

/** Electronic certificate identifier: `typeCode.issuer.serial.version.check`, the root 1.2.156.3005.2 left out of the check. */
export function checkCertIdentifier(identifier: string): Finding {
  const match = /^1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{6,18})\.([0-9A-Z]{1,32})\.(\d{3})\.([0-9A-Z])$/.exec(identifier);
  if (!match || identifier.length > 128) return { code: 'cert_identifier_format' };
  const body = match.slice(1, 5).join('');
  return mod3736(body) === match[5] ? null : { code: 'cert_identifier_check' };
}

/** Letters and marks of any script; planes 2 and 3 are Han throughout, whichever Unicode version the host knows. */
const NAME_LETTER = String.raw`\p{L}\p{M}\u{20000}-\u{3FFFD}`;
const NAME_SELECTOR = String.raw`\uFE00-\uFE0F\u{E0100}-\u{E01EF}`;
// eslint-disable-next-line no-misleading-character-class -- variation selectors are meant, not what they combine with
const NAME = new RegExp(`^[${NAME_LETTER}](?:[${NAME_LETTER}${NAME_SELECTOR}\u00B7'\\-]| (?! ))*$`, 'u');
// eslint-disable-next-line no-misleading-character-class -- the same
const NAME_LAST = new RegExp(`^[${NAME_LETTER}${NAME_SELECTOR}]$`, 'u');

/** 2-50 characters: Han incl. rare ones, letters, middle dot U+00B7, apostrophe, hyphen, single inner spaces. */
export function checkPersonName(name: string, min = 2, max = 50): Finding {
  const length = lengthOf(name);
  if (length < min || length > max) return { code: 'name_length', params: { min, max } };
  // The last character on its own: V8 of Chromium 156 misses a rare one before an unanchored `$`.
  return NAME.test(name) && NAME_LAST.test(Array.from(name).at(-1) ?? '') ? null : { code: 'name_characters' };
}

export type RegionLevel = 'province' | 'prefecture' | 'county';

function regionLevelOf(code: string): RegionLevel {
  if (code.endsWith('0000')) return 'province';
  return code.endsWith('00') ? 'prefecture' : 'county';
}

/** Six digits of GB/T 2260: shape and province only, since codes that left the table stay valid on old papers. */
export function checkRegion(code: string, level: RegionLevel | undefined): Finding {
  if (!/^\d{6}$/.test(code) || !PROVINCES.test(code)) return { code: 'region_format' };
  return !level || regionLevelOf(code) === level ? null : { code: 'region_level', params: { level } };
}

/** Text that no field may hold: control characters, lone surrogates, bidirectional overrides. */
export function hasForbiddenCharacters(text: string, multiline: boolean): boolean {
  // eslint-disable-next-line no-control-regex -- naming them is the purpose
  const controls = multiline ? /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/ : /[\u0000-\u001F\u007F]/;
  return controls.test(text) || /[\u202A-\u202E\u2066-\u2069\u2028\u2029\uFFFE\uFFFF]/.test(text) || /\p{Cs}/u.test(text);
}
