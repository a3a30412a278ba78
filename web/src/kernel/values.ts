import Big from 'big.js';

import {
  type Finding, checkBankAccount, checkCertIdentifier, checkIdCard, checkMobile, checkPersonName, checkRegion,
  checkUscc, hasForbiddenCharacters, isRealDate, lengthOf, normaliseCode,
} from './checks';
import { type Choice, type Component, own, ownNumber, regionLevelOfField, valueTypeOf } from './schema';
import type { Json, JsonObject } from './types';

/** What a check of one value needs besides the value. */
export interface CheckContext {
  /** Today, ISO, of the evaluation's clock. */
  today: () => string;
  options: readonly Choice[] | undefined;
  min?: Json;
  max?: Json;
}

const CODE_TYPES = new Set(['idcard', 'uscc', 'mobile', 'region6', 'bankAccount', 'certIdentifier']);
/** Length of a text field whose schema sets none; a limit against abuse, not a rule of any form. */
const DEFAULT_LENGTH = { textfield: 200, textarea: 5000 };
const DETAIL_LENGTH = 200;
const PATTERN_LIMIT = 1000;

export function isEmpty(value: Json | undefined): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function decimalOf(value: Json): Big | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const text = typeof value === 'string' ? normaliseCode(value) : String(value);
  if (!/^-?\d{1,30}(\.\d{1,20})?(E[+-]?\d{1,3})?$/.test(text.toUpperCase())) return null;
  return new Big(text);
}

/** The form in which a value is kept: trimmed, codes in ASCII, amounts with two places; other types untouched. */
export function normalise(component: Component, value: Json | undefined): Json {
  if (value === undefined || value === null) return component.type === 'checkbox' ? false : null;
  const type = valueTypeOf(component);
  if (component.type === 'textfield' && type === 'money') {
    const amount = decimalOf(value);
    return amount && amount.eq(amount.round(2)) ? amount.toFixed(2) : emptyAsNull(value);
  }
  if (type === 'address') return isAddress(value) ? normaliseAddress(value) : emptyAsNull(value);
  if (typeof value === 'string') {
    if (type && CODE_TYPES.has(type)) return emptyAsNull(normaliseCode(value));
    const text = value.normalize('NFC');
    return emptyAsNull(component.type === 'textarea' ? text.replace(/\r\n?/g, '\n').trim() : text.trim());
  }
  return emptyAsNull(value);
}

function emptyAsNull(value: Json): Json {
  return isEmpty(value) ? null : value;
}

function isAddress(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function normaliseAddress(value: JsonObject): Json {
  const clean = (entry: Json | undefined): Json =>
    typeof entry === 'string' ? emptyAsNull(entry.normalize('NFC').trim()) : (entry ?? null);
  const unknown = Object.keys(value).filter((key) => key !== 'region' && key !== 'detail');
  if (unknown.length > 0) return value;
  const address = { region: clean(value.region), detail: clean(value.detail) };
  return address.region === null && address.detail === null ? null : address;
}

function checkText(component: Component, text: string): Finding {
  const multiline = component.type === 'textarea';
  if (hasForbiddenCharacters(text, multiline)) return { code: 'invalid_characters' };
  const { validate } = component;
  const length = lengthOf(text);
  const min = Number(validate?.minLength ?? 0);
  const max = Number(validate?.maxLength ?? (multiline ? DEFAULT_LENGTH.textarea : DEFAULT_LENGTH.textfield));
  if (length < min) return { code: 'too_short', params: { min } };
  if (length > max) return { code: 'too_long', params: { max } };
  if (validate?.validationType === 'email' && !/^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/u.test(text)) {
    return { code: 'invalid_email' };
  }
  if (validate?.validationType === 'phone' && !/^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?)$/.test(text)) {
    return { code: 'invalid_phone' };
  }
  if (validate?.pattern && text.length <= PATTERN_LIMIT && !new RegExp(validate.pattern, 'u').test(text)) {
    return { code: 'pattern' };
  }
  return null;
}

function checkTyped(component: Component, text: string, context: CheckContext): Finding {
  switch (valueTypeOf(component)) {
    case 'idcard':
      return checkIdCard(text, context.today());
    case 'uscc':
      return checkUscc(text);
    case 'mobile':
      return checkMobile(text);
    case 'region6':
      return checkRegion(text, regionLevelOfField(component));
    case 'personName':
      return checkPersonName(text, 2, Number(component.validate?.maxLength ?? 50));
    case 'bankAccount':
      return checkBankAccount(text, own(component, 'account') === 'corporate');
    case 'certIdentifier':
      return checkCertIdentifier(text);
    default:
      return null;
  }
}

function checkBounds(amount: Big, min: Json | undefined, max: Json | undefined): Finding {
  const low = min === undefined || min === null ? null : decimalOf(min);
  const high = max === undefined || max === null ? null : decimalOf(max);
  if (low && amount.lt(low)) return { code: 'too_small', params: { min: low.toString() } };
  if (high && amount.gt(high)) return { code: 'too_large', params: { max: high.toString() } };
  return null;
}

function checkMoney(value: Json, context: CheckContext): Finding {
  const amount = decimalOf(value);
  if (!amount) return { code: 'invalid_number' };
  if (!amount.eq(amount.round(2))) return { code: 'too_many_decimals', params: { digits: 2 } };
  if (amount.abs().gte('1e14')) return { code: 'too_large', params: { max: '99999999999999.99' } };
  return checkBounds(amount, context.min, context.max);
}

function checkNumber(component: Component, value: Json, context: CheckContext): Finding {
  if (typeof value === 'string') return { code: 'invalid_number' };
  if (typeof value !== 'number' || !Number.isFinite(value)) return { code: 'wrong_type', params: { expected: 'number' } };
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return { code: 'too_large', params: { max: String(Number.MAX_SAFE_INTEGER) } };
  const amount = new Big(value);
  const digits = component.decimalDigits;
  if (digits !== undefined && !amount.eq(amount.round(digits))) return { code: 'too_many_decimals', params: { digits } };
  return checkBounds(amount, context.min, context.max);
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)(Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

function checkDate(component: Component, value: string, context: CheckContext): Finding {
  if (component.subtype === 'time') return TIME.test(value) ? null : { code: 'invalid_time' };
  if (component.subtype === 'datetime') {
    const match = DATE_TIME.exec(value);
    return match && isRealDate(match[1] ?? '') ? null : { code: 'invalid_datetime' };
  }
  if (!isRealDate(value)) return { code: 'invalid_date' };
  if (typeof context.min === 'string' && value < context.min) return { code: 'date_too_early', params: { min: context.min } };
  if (typeof context.max === 'string' && value > context.max) return { code: 'date_too_late', params: { max: context.max } };
  return null;
}

function checkAddress(component: Component, value: JsonObject): Finding {
  const { region, detail } = value;
  if (Object.keys(value).some((key) => key !== 'region' && key !== 'detail')) {
    return { code: 'wrong_type', params: { expected: 'address' } };
  }
  if (typeof region !== 'string' || typeof detail !== 'string') return { code: 'address_incomplete' };
  const finding = checkRegion(region, regionLevelOfField(component) ?? 'county');
  if (finding) return finding;
  if (hasForbiddenCharacters(detail, false)) return { code: 'invalid_characters' };
  return lengthOf(detail) > DETAIL_LENGTH ? { code: 'too_long', params: { max: DETAIL_LENGTH } } : null;
}

function isFile(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { id, name, size, sha256 } = value;
  return (
    Object.keys(value).every((key) => ['id', 'name', 'size', 'sha256'].includes(key)) &&
    typeof id === 'string' && /^[0-9a-zA-Z-]{1,64}$/.test(id) &&
    typeof name === 'string' && lengthOf(name) <= 255 && !hasForbiddenCharacters(name, false) &&
    typeof size === 'number' && Number.isInteger(size) && size >= 0 &&
    typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)
  );
}

function checkFiles(component: Component, value: Json): Finding {
  if (!Array.isArray(value) || !value.every(isFile)) return { code: 'wrong_type', params: { expected: 'files' } };
  const max = ownNumber(component, 'maxFiles') ?? (component.multiple ? 10 : 1);
  if (value.length > max) return { code: 'too_many_files', params: { max } };
  const limit = ownNumber(component, 'maxSizeKb');
  const files = value as { name: string; size: number }[];
  if (limit !== undefined && files.some((file) => file.size > limit * 1024)) {
    return { code: 'file_too_large', params: { maxKb: limit } };
  }
  const accept = (component.accept ?? '').split(',').map((part) => part.trim().toLowerCase()).filter((part) => part.startsWith('.'));
  if (accept.length > 0 && files.some((file) => !accept.some((ending) => file.name.toLowerCase().endsWith(ending)))) {
    return { code: 'file_type', params: { accept: accept.join(' ') } };
  }
  return null;
}

function checkChoice(component: Component, value: Json, options: readonly Choice[] | undefined): Finding {
  const allowed = new Set((options ?? []).map((option) => option.value));
  if (component.type !== 'checklist') {
    if (typeof value !== 'string') return { code: 'wrong_type', params: { expected: 'choice' } };
    return allowed.has(value) ? null : { code: 'not_an_option' };
  }
  if (!Array.isArray(value)) return { code: 'wrong_type', params: { expected: 'choices' } };
  if (new Set(value).size !== value.length) return { code: 'duplicate_option' };
  return value.every((entry) => typeof entry === 'string' && allowed.has(entry)) ? null : { code: 'not_an_option' };
}

/** Why a normalised, non-empty value of a visible field is refused, or null. */
export function checkValue(component: Component, value: Json, context: CheckContext): Finding {
  const type = valueTypeOf(component);
  switch (component.type) {
    case 'checkbox':
      return typeof value === 'boolean' ? null : { code: 'wrong_type', params: { expected: 'boolean' } };
    case 'number':
      return checkNumber(component, value, context);
    case 'select':
    case 'radio':
    case 'checklist':
      return type === 'region6' && typeof value === 'string' && !context.options
        ? checkTyped(component, value, context)
        : checkChoice(component, value, context.options);
    case 'filepicker':
      return checkFiles(component, value);
    default:
  }
  if (type === 'address') {
    return isAddress(value) ? checkAddress(component, value) : { code: 'wrong_type', params: { expected: 'address' } };
  }
  if (type === 'money') return checkMoney(value, context);
  if (typeof value !== 'string') return { code: 'wrong_type', params: { expected: 'text' } };
  if (component.type === 'datetime') return checkDate(component, value, context);
  return checkTyped(component, value, context) ?? (type === 'personName' ? null : checkText(component, value));
}
