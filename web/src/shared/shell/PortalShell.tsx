import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, NavLink } from 'react-router';

import { bracketed } from '../../case/language';
import { useLanguage } from '../../i18n';
import { useSharedText } from '../../i18n/shared';
import { useSession } from '../session';
import { useKeptFocus } from './focus';
import { LanguageButton, ModeStrip, type NavItem, OfflineStrip, SessionStrip, SkipLink, useFocusOnNavigation } from './parts';

const STORED = 'lianban.elder';

function useElderMode(): [boolean, (on: boolean) => void] {
  const [elder, setElder] = useState(() => {
    try {
      return localStorage.getItem(STORED) === 'true';
    } catch {
      return false;
    }
  });
  useEffect(() => {
    document.documentElement.dataset.elder = String(elder);
    try {
      localStorage.setItem(STORED, String(elder));
    } catch {
      // The choice then lasts until the page is left.
    }
  }, [elder]);
  return [elder, setElder];
}

export interface PortalShellProps {
  nav: readonly NavItem[];
  /** Office that runs the site and its telephone, for the footer. */
  office?: { name: string; phone: string };
  /** Where logging in leads, `/login` below the portal. */
  loginPath: string;
  children: ReactNode;
}

/** Frame of the citizens' pages: slim header, one column, footer. */
export function PortalShell({ nav, office, loginPath, children }: PortalShellProps): ReactNode {
  const t = useSharedText();
  const { locale } = useLanguage();
  const { session, logout } = useSession();
  const [elder, setElder] = useElderMode();
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const close = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      menu.current?.focus();
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [open]);
  useFocusOnNavigation(t('app.portal'));
  useKeptFocus();
  return (
    <div className="lb-portal">
      <SkipLink />
      <header className="lb-portal-header">
        <div className="lb-portal-header-inner">
          <Link className="lb-portal-brand" to="/">
            {t('app.portal')}
            {session?.mode.deploymentName ? <small>{session.mode.deploymentName}</small> : null}
          </Link>
          <button ref={menu} type="button" className="lb-button lb-portal-menu" aria-expanded={open} aria-controls="portal-nav" onClick={() => setOpen(!open)}>
            {t('nav.menu')}
          </button>
          <nav id="portal-nav" className="lb-portal-nav" aria-label={t('nav.main')} data-open={open} onClick={() => setOpen(false)}>
            {nav.map((item) => (
              <NavLink key={item.to} to={item.to} end={item.end ?? false}>
                {item.count ? `${item.label}${bracketed(locale, String(item.count))}` : item.label}
              </NavLink>
            ))}
            {session?.user ? <span className="lb-portal-user">{session.user.name}</span> : null}
            {session?.user ? (
              <button type="button" onClick={() => void logout()}>
                {t('session.logout')}
              </button>
            ) : (
              <NavLink to={loginPath}>{t('session.login')}</NavLink>
            )}
            <LanguageButton />
            <button type="button" aria-pressed={elder} onClick={() => setElder(!elder)}>
              {elder ? t('elder.off') : t('elder.on')}
            </button>
          </nav>
        </div>
      </header>
      <ModeStrip />
      <OfflineStrip />
      <SessionStrip />
      <main id="main" className="lb-portal-main" tabIndex={-1}>
        {children}
      </main>
      <footer className="lb-portal-footer">
        <div>
          {office ? <p>{t('footer.portal', { office: office.name, phone: office.phone })}</p> : null}
          <p>{t('footer.accessibility')}</p>
        </div>
      </footer>
    </div>
  );
}
