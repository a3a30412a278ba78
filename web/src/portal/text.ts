import { pickText, type Words } from '../case/language';
import { useLanguage } from '../i18n';
import { usePortalText as useTexts } from '../i18n/portal';
import zh from '../i18n/zh/portal';

export type PortalTextKey = keyof typeof zh;

/** Words of the portal in the language of the page. */
export function usePortalText(): Words<PortalTextKey> {
  const t = useTexts();
  const { locale } = useLanguage();
  return { t, has: (key) => key in zh, locale, pick: (chinese, english) => pickText(locale, chinese, english) };
}
