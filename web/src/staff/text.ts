import { pickText, type Words } from '../case/language';
import { useLanguage } from '../i18n';
import { useStaffText as useTexts } from '../i18n/staff';
import zh from '../i18n/zh/staff';

export type StaffTextKey = keyof typeof zh;

/** Words of the staff pages in the language of the page. */
export function useStaffText(): Words<StaffTextKey> {
  const t = useTexts();
  const { locale } = useLanguage();
  return { t, has: (key) => key in zh, locale, pick: (chinese, english) => pickText(locale, chinese, english) };
}
