import type { Locale } from './language';

const ZONE = 'Asia/Shanghai';

interface Parts {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
}

const partsFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
});
const sentence = {
  zh: new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, year: 'numeric', month: 'long', day: 'numeric' }),
  en: new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, day: 'numeric', month: 'short', year: 'numeric' }),
};
const weekday = {
  zh: new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, weekday: 'short' }),
  en: new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, weekday: 'short' }),
};

function partsOf(instant: Date): Parts {
  const parts = Object.fromEntries(partsFormat.formatToParts(instant).map((part) => [part.type, part.value]));
  return parts as unknown as Parts;
}

function parse(iso: string | null | undefined): Date | null {
  if (!iso) return null;
  const instant = new Date(/^\d{4}-\d{2}-\d{2}$/.test(iso) ? `${iso}T00:00:00+08:00` : iso);
  return Number.isNaN(instant.getTime()) ? null : instant;
}

/** A due instant is the end (24:00) of its day: the day shown is the one that ends then. A plain date is that day itself. */
function dueInstant(iso: string | null | undefined): Date | null {
  const instant = parse(iso);
  if (!instant || !iso || iso.length === 10) return instant;
  return new Date(instant.getTime() - 1);
}

function dayText(instant: Date): string {
  const { year, month, day } = partsOf(instant);
  return `${year}-${month}-${day}`;
}

function sentenceText(instant: Date, locale: Locale): string {
  const day = weekday[locale].format(instant);
  return locale === 'zh' ? `${sentence.zh.format(instant)}（${day}）` : `${day} ${sentence.en.format(instant)}`;
}

/** `2026-11-27`; empty without a date. */
export function shortDay(iso: string | null | undefined): string {
  const instant = parse(iso);
  return instant ? dayText(instant) : '';
}

/** `2026年11月27日（周五）` or `Fri 27 Nov 2026`. */
export function longDay(iso: string | null | undefined, locale: Locale): string {
  const instant = parse(iso);
  return instant ? sentenceText(instant, locale) : '';
}

/** The day a deadline ends on, `2026-11-27`. */
export function dueDay(iso: string | null | undefined): string {
  const instant = dueInstant(iso);
  return instant ? dayText(instant) : '';
}

/** The day a deadline ends on in a sentence. */
export function longDueDay(iso: string | null | undefined, locale: Locale): string {
  const instant = dueInstant(iso);
  return instant ? sentenceText(instant, locale) : '';
}

/** `2026-11-27 14:05`. */
export function moment(iso: string | null | undefined): string {
  const instant = parse(iso);
  if (!instant) return '';
  const { hour, minute } = partsOf(instant);
  return `${dayText(instant)} ${hour}:${minute}`;
}

/** `14:05`. */
export function clockTime(iso: string | null | undefined): string {
  const instant = parse(iso);
  if (!instant) return '';
  const { hour, minute } = partsOf(instant);
  return `${hour}:${minute}`;
}
