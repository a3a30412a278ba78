import { pickText, type Words } from '../../case/language';
import type { components } from '../../api/schema';
import { useLanguage } from '../../i18n';
import { useWindowText as useTexts } from '../../i18n/window';
import zh from '../../i18n/zh/window';

export type WindowTextKey = keyof typeof zh;
export type WindowCaseData = components['schemas']['WindowCaseAnswer'];

/** Words of the service window in the language of the page. */
export function useWindowWords(): Words<WindowTextKey> {
  const t = useTexts();
  const { locale } = useLanguage();
  return { t, has: (key) => key in zh, locale, pick: (chinese, english) => pickText(locale, chinese, english) };
}

/** Where a window's case is asked for. */
export function windowPath(caseNo: string): string {
  return `/window/cases/${encodeURIComponent(caseNo)}`;
}
