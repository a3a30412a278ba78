import en from '../../../forms/messages/en.json';
import zh from '../../../forms/messages/zh.json';
import type { Locale } from '../i18n';
import type { JsonObject } from '../kernel';

const CATALOGUE: Record<Locale, Record<string, string>> = { zh, en };
const LEVELS: Record<Locale, Record<string, string>> = {
  zh: { province: '省', prefecture: '市', county: '县（区）' },
  en: { province: 'province', prefecture: 'prefecture', county: 'county' },
};
const FALLBACK: Record<Locale, string> = { zh: '不符合填写规则', en: 'Breaks a rule of the form' };

/** What to tell the person about an error: the form's own text where it brings one, else the catalogue's. */
export function messageOf(code: string, params: JsonObject, locale: Locale): string {
  const own = locale === 'zh' ? params.text : (params.textEn ?? params.text);
  if (typeof own === 'string' && own) return own;
  const text = CATALOGUE[locale][code];
  if (!text || code === 'rule_broken') return FALLBACK[locale];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    return LEVELS[locale][shown] ?? shown;
  });
}
