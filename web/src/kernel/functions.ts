import {
  checkBankAccount, checkCertIdentifier, checkIdCard, checkMobile, checkUscc, idCardBirth, idCardSex, normaliseCode,
} from './checks';
import { FeelDate, FeelDateTime, type FeelFunction, alsoKnown, builtIn, parseDate } from './interpreter';
import { feelNow, feelToday, todayOf } from './temporal';
import type { KernelContext } from './types';
import { WORKDAY_FUNCTIONS, workdayFunctions } from './workdays';

function textFunction(name: string, call: (text: string) => unknown): FeelFunction {
  return builtIn([`${name}: any`, (value: unknown) => (typeof value === 'string' ? call(value) : null)]);
}

/** ISO text of a date or date-time, whether a FEEL value or text. */
function isoDay(value: unknown): string | null {
  if (value instanceof FeelDate || value instanceof FeelDateTime) return value.toString().slice(0, 10);
  return typeof value === 'string' ? value.slice(0, 10) : null;
}

/** Whole years from a birth date to a day, both ISO. */
function yearsBetween(birth: string | null, on: string | null): number | null {
  const from = birth === null ? null : parseDate(birth);
  const to = on === null ? null : parseDate(on);
  if (!from || !to) return null;
  const before = to.month < from.month || (to.month === from.month && to.day < from.day);
  return to.year - from.year - (before ? 1 : 0);
}

/** Names of our functions, known to models and forms beside the FEEL built-ins. */
export const OWN_FUNCTIONS = [
  'now', 'today', 'idCardValid', 'idCardBirth', 'idCardSex', 'usccValid', 'mobileValid', 'bankCardValid',
  'certIdentifierValid', 'provinceOf', 'prefectureOf', 'ageOn', 'age', ...WORKDAY_FUNCTIONS,
] as const;

// `between` is a word of the grammar: the name is read whole only where it is known.
alsoKnown(WORKDAY_FUNCTIONS);

/** Our FEEL functions over the clock and the working days of `context`. Text functions answer null for anything but text. */
export function ownFunctions(context: KernelContext): Record<(typeof OWN_FUNCTIONS)[number], FeelFunction> {
  const validId = (text: string): boolean => checkIdCard(normaliseCode(text), todayOf(context)) === null;
  return {
    ...workdayFunctions(context),
    now: builtIn(['', () => feelNow(context)]),
    today: builtIn(['', () => feelToday(context)]),
    idCardValid: textFunction('id', validId),
    idCardBirth: textFunction('id', (text) => (validId(text) ? idCardBirth(normaliseCode(text)) : null)),
    idCardSex: textFunction('id', (text) => (validId(text) ? idCardSex(normaliseCode(text)) : null)),
    usccValid: textFunction('code', (text) => checkUscc(normaliseCode(text)) === null),
    mobileValid: textFunction('number', (text) => checkMobile(normaliseCode(text)) === null),
    bankCardValid: textFunction('account', (text) => checkBankAccount(normaliseCode(text), false) === null),
    certIdentifierValid: textFunction('identifier', (text) => checkCertIdentifier(normaliseCode(text)) === null),
    provinceOf: textFunction('region', (text) => (/^\d{6}/.test(text) ? `${text.slice(0, 2)}0000` : null)),
    prefectureOf: textFunction('region', (text) => (/^\d{6}/.test(text) ? `${text.slice(0, 4)}00` : null)),
    ageOn: builtIn(['birth: any, on: any', (birth: unknown, on: unknown) => yearsBetween(isoDay(birth), isoDay(on))]),
    age: builtIn(['birth: any', (birth: unknown) => yearsBetween(isoDay(birth), todayOf(context))]),
  };
}
