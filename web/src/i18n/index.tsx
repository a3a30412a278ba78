import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';

export type Locale = 'zh' | 'en';
export type Texts = Readonly<Record<string, string>>;
export type Params = Readonly<Record<string, string | number>>;

const STORED = 'lianban.locale';

interface Language {
  locale: Locale;
  setLocale: (locale: Locale) => void;
}

const LanguageContext = createContext<Language>({ locale: 'zh', setLocale: () => undefined });

function storedLocale(): Locale {
  try {
    return localStorage.getItem(STORED) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

/** Holds the language of the page: Chinese unless the person chose English in this browser. */
export function LanguageProvider({ children }: { children: ReactNode }): ReactNode {
  const [locale, choose] = useState<Locale>(storedLocale);
  useEffect(() => {
    document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en';
  }, [locale]);
  const setLocale = useCallback((next: Locale) => {
    choose(next);
    try {
      localStorage.setItem(STORED, next);
    } catch {
      // Storage may be switched off; the choice then lasts until the page is left.
    }
  }, []);
  const value = useMemo(() => ({ locale, setLocale }), [locale, setLocale]);
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

/** Text with `{name}` replaced by the parameter `name`, and `{name|day|days}` by the word that fits its number: English has a singular. */
export function fill(text: string, params: Params = {}): string {
  return text.replace(/\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    if (!(name in params)) return whole;
    return one === undefined || many === undefined ? String(params[name]) : String(params[name]) === '1' ? one : many;
  });
}

export type Translate<Keys extends string> = (key: Keys, params?: Params) => string;

/**
 * A hook for the words of one area: `export const useStaffText = defineTexts(zh, en)`.
 * Keys are checked by the compiler; both languages must have the same ones (and a test says so).
 */
export function defineTexts<T extends Texts>(zh: T, en: Readonly<Record<keyof T, string>>): () => Translate<keyof T & string> {
  return function useTexts() {
    const { locale } = useLanguage();
    return useCallback((key, params) => fill((locale === 'en' ? en : zh)[key], params), [locale]);
  };
}
