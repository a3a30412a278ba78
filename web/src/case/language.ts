import { defineTexts, useLanguage, type Locale, type Params } from '../i18n';
import en from '../i18n/en/case';
import zh from '../i18n/zh/case';

export type { Locale };
export type CaseTextKey = keyof typeof zh;

const useTexts = defineTexts(zh, en);

export interface Words<Keys extends string> {
  t: (key: Keys, params?: Params) => string;
  /** Is there a text for this key, made from a code? */
  has: (key: string) => boolean;
  locale: Locale;
  /** The text of the server in the language of the page; Chinese where there is no English. */
  pick: (chinese: string | null | undefined, english: string | null | undefined) => string;
}

export function useCaseText(): Words<CaseTextKey> {
  const t = useTexts();
  const { locale } = useLanguage();
  return { t, has: (key) => key in zh, locale, pick: (chinese, english) => pickText(locale, chinese, english) };
}

/** Names in a row: `甲、乙` or `A, B`. */
export function listText(locale: Locale, names: readonly string[]): string {
  return names.join(locale === 'zh' ? '、' : ', ');
}

/** What something is, and its value: `依据：…` or `Source: …`. */
export function labelled(locale: Locale, label: string, value: string): string {
  return `${label}${locale === 'zh' ? '：' : ': '}${value}`;
}

/** An addition behind a word, in brackets; nothing for an empty one. */
export function bracketed(locale: Locale, text: string): string {
  if (!text) return '';
  return locale === 'zh' ? `（${text}）` : ` (${text})`;
}

export function pickText(locale: Locale, chinese: string | null | undefined, english: string | null | undefined): string {
  return (locale === 'en' ? english : null) ?? chinese ?? '';
}
