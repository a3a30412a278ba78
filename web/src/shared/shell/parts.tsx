import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';

import { useLanguage } from '../../i18n';
import { useSharedText } from '../../i18n/shared';
import { useSession } from '../session';

export interface NavItem {
  to: string;
  label: string;
  /** A counter beside the label; 0 and undefined show none. */
  count?: number | string;
  end?: boolean;
  /** Entries of one group stand together under its name, in the side navigation. */
  group?: string;
}

export function Count({ value }: { value: number | string | undefined }): ReactNode {
  return value ? <span className="lb-count">{value}</span> : null;
}

export function SkipLink(): ReactNode {
  const t = useSharedText();
  return (
    <a className="lb-skip" href="#main">
      {t('skip')}
    </a>
  );
}

export function LanguageButton({ className }: { className?: string }): ReactNode {
  const t = useSharedText();
  const { locale, setLocale } = useLanguage();
  const other = locale === 'zh' ? 'en' : 'zh';
  return (
    <button type="button" className={className} lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => setLocale(other)}>
      {other === 'zh' ? t('language.zh') : t('language.en')}
    </button>
  );
}

const NOW = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23' });
const NOW_EN = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', dateStyle: 'long', timeStyle: 'short' });

/** Training time and demo mode, so that nobody takes either for the real thing. */
export function ModeStrip(): ReactNode {
  const t = useSharedText();
  const { locale } = useLanguage();
  const { session } = useSession();
  const mode = session?.mode;
  if (!mode || (!mode.training && !mode.demo)) return null;
  const time = (locale === 'zh' ? NOW : NOW_EN).format(new Date(mode.now));
  return (
    <aside className="lb-strip" aria-label={t('mode.label')}>
      {[mode.demo ? t('demo.mode') : '', mode.training ? t('training.now', { time }) : ''].filter(Boolean).join(' · ')}
    </aside>
  );
}

/** Until when a second factor has to be set up, for staff who have none yet. */
export function EnrolStrip(): ReactNode {
  const t = useSharedText();
  const { locale } = useLanguage();
  const { session } = useSession();
  if (!session?.user || session.pending || !session.enrolBy) return null;
  const time = (locale === 'zh' ? NOW : NOW_EN).format(new Date(session.enrolBy));
  return (
    <aside className="lb-strip" aria-label={t('enrol.label')}>
      {t('enrol.by', { time })} <a href="/staff/account">{t('enrol.now')}</a>
    </aside>
  );
}

/** Says that the network is down while it is. */
export function OfflineStrip(): ReactNode {
  const t = useSharedText();
  const [online, setOnline] = useState(() => navigator.onLine);
  useEffect(() => {
    const update = (): void => setOnline(navigator.onLine);
    addEventListener('online', update);
    addEventListener('offline', update);
    return () => {
      removeEventListener('online', update);
      removeEventListener('offline', update);
    };
  }, []);
  return online ? null : (
    <div className="lb-strip" role="status">
      {t('state.offline')}
    </div>
  );
}

/** What went wrong with the session itself, such as a log-out that did not reach the server; nothing while there is none. */
export function SessionStrip(): ReactNode {
  const { locale } = useLanguage();
  const { session, problem } = useSession();
  if (!session || !problem) return null;
  const { document: told } = problem;
  return (
    <div className="lb-strip" role="alert">
      {locale === 'en' ? [told.titleEn, told.nextEn].filter(Boolean).join('. ') : [told.title, told.next].filter(Boolean).join('。')}
    </div>
  );
}

/** A heading as the title of its window, which the browser keeps in its history: a person's name stands there as its `data-title`. */
function titleOf(heading: HTMLElement): string {
  const parts = [...heading.childNodes].map((node) => (node instanceof HTMLElement ? node.dataset['title'] : undefined) ?? node.textContent ?? '');
  return parts.join('').trim();
}

/** After navigation the focus goes to the heading and the view to the top; the title of the document follows the heading, also when it changes in place. */
export function useFocusOnNavigation(appName: string): void {
  const { pathname } = useLocation();
  const first = useRef(true);
  useEffect(() => {
    let focus = !first.current;
    first.current = false;
    const name = (): void => {
      const heading = document.querySelector<HTMLElement>('main h1');
      if (!heading?.textContent) return;
      const title = `${titleOf(heading)} - ${appName}`;
      if (document.title !== title) document.title = title;
      if (!focus) return;
      focus = false;
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      scrollTo(0, 0);
    };
    name();
    const main = document.querySelector('main');
    if (!main) return undefined;
    const watcher = new MutationObserver(name);
    watcher.observe(main, { childList: true, subtree: true, characterData: true });
    return () => watcher.disconnect();
  }, [pathname, appName]);
}
