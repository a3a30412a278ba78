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

/** What a list says of a promise that stands still: the reason, and no date, because none holds. */
export function stoppedText(
  { stopReasonNames, stopReasonNamesEn }: { stopReasonNames: string[]; stopReasonNamesEn: string[] },
  t: Words<PortalTextKey>['t'], pick: Words<PortalTextKey>['pick'],
): string {
  return t('cases.stopped', { reason: pick(stopReasonNames.join('、'), stopReasonNamesEn.join(', ')) });
}

/** Where the guide of an item is read, in the language of the page. */
export function itemPath(code: string, locale: string): string {
  return `/items/${encodeURIComponent(code)}${locale === 'en' ? '?language=en' : ''}`;
}
