import type { CaseTextKey } from './language';

type Say = (key: CaseTextKey, params?: Record<string, string | number>) => string;

const DATE_PART = { Y: 'value.years', M: 'value.months', D: 'value.days' } as const;
const TIME_PART = { H: 'value.hours', M: 'value.minutes', S: 'value.seconds' } as const;
const ONE = /^P(?:(\d+)([YMD]))?(?:T(\d+)([HMS]))?$/;

/** A value of a policy in words: `5wd`, `4wh`, `P30D`, `PT4H`, `on`, lists of these, reasons that stop a clock; anything else as it is. */
export function policyValue(value: string, t: Say, has: (key: string) => boolean): string {
  return value.split(',').map((part) => one(part.trim(), t, has)).join(t('value.and'));
}

function one(value: string, t: Say, has: (key: string) => boolean): string {
  const days = /^(\d+)wd$/.exec(value);
  if (days) return t('value.workdays', { n: days[1] ?? '' });
  const hours = /^(\d+)wh$/.exec(value);
  if (hours) return t('value.workhours', { n: hours[1] ?? '' });
  const span = ONE.exec(value);
  if (span && value.length > 2) {
    const date = span[1] ? t(DATE_PART[span[2] as keyof typeof DATE_PART], { n: span[1] }) : '';
    const time = span[3] ? t(TIME_PART[span[4] as keyof typeof TIME_PART], { n: span[3] }) : '';
    return [date, time].filter(Boolean).join(' ');
  }
  const key = `value.${value}`;
  return has(key) ? t(key as CaseTextKey) : value;
}
