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

export function pickText(locale: Locale, chinese: string | null | undefined, english: string | null | undefined): string {
  return (locale === 'en' ? english : null) ?? chinese ?? '';
}
