import { type ReactNode } from 'react';
import { Link, NavLink } from 'react-router';

import { useLanguage } from '../../i18n';
import { useSharedText } from '../../i18n/shared';
import { LoginPage } from '../session/LoginPage';
import { useSession } from '../session';
import { ErrorState, Loading } from '../states';
import { useKeptFocus } from './focus';
import { Count, EnrolStrip, LanguageButton, ModeStrip, type NavItem, OfflineStrip, SessionStrip, SkipLink, useFocusOnNavigation } from './parts';
import { SideNav } from './SideNav';

export interface WorkShellProps {
  /** Name of the application, shown first. */
  name: string;
  nav: readonly NavItem[];
  /** A second level of navigation at the side. */
  side?: readonly NavItem[];
  /** Content without padding, as high as the window (canvas pages). */
  flush?: boolean;
  /** Roles that may use the application; everybody who is logged in when left out. */
  roles?: readonly string[];
  children: ReactNode;
}

/** The applications of people who work, with the roles that use each. */
const APPS = [
  { at: '/staff/', name: 'app.staff', roles: ['RECV_CLERK', 'HANDLER', 'APPROVER', 'LIAISON'] },
  { at: '/admin/', name: 'app.admin', roles: ['SUPERVISOR', 'SITE_ADMIN', 'PLATFORM_ADMIN', 'AUDITOR'] },
  { at: '/designer/', name: 'app.designer', roles: ['DESIGNER', 'PLATFORM_ADMIN', 'HANDLER', 'APPROVER', 'AUDITOR'] },
] as const;

/** The way to the other applications that the person's roles use. */
function Apps(): ReactNode {
  const t = useSharedText();
  const { session } = useSession();
  const held = new Set<string>(session?.user?.roles.map(({ role }) => role));
  const others = APPS.filter((app) => !location.pathname.startsWith(app.at) && app.roles.some((role) => held.has(role)));
  if (others.length === 0) return null;
  return (
    <nav className="lb-work-apps" aria-label={t('nav.apps')}>
      {others.map((app) => <a key={app.at} href={app.at}>{t(app.name)}</a>)}
    </nav>
  );
}

function User(): ReactNode {
  const t = useSharedText();
  const { locale } = useLanguage();
  const { session, logout } = useSession();
  const user = session?.user;
  if (!user) return null;
  const role = user.roles[0];
  const principals = [...new Set(user.actsFor.map((each) => each.name))].join(locale === 'zh' ? '、' : ', ');
  return (
    <div className="lb-work-user">
      <Apps />
      <span>{role ? t('session.as', { name: user.name, site: role.siteCode ? role.siteName : t('session.platform'), role: locale === 'en' ? role.roleNameEn : role.roleName }) : user.name}{principals ? t('session.actsFor', { names: principals }) : ''}</span>
      <LanguageButton className="lb-button" />
      <button type="button" className="lb-button" onClick={() => void logout()}>
        {t('session.logout')}
      </button>
    </div>
  );
}

function Content({ name, roles, children }: Pick<WorkShellProps, 'name' | 'roles' | 'children'>): ReactNode {
  const t = useSharedText();
  const { session, problem, refresh, logout } = useSession();
  if (problem && !session) return <ErrorState problem={problem} onRetry={() => void refresh()} />;
  if (!session) return <Loading />;
  if (!session.user || session.pending) return <LoginPage app={name} only="staff" />;
  if (roles && !session.user.roles.some((held) => roles.includes(held.role))) {
    return (
      <div className="lb-empty">
        <h1>{t('session.noRole')}</h1>
        <button type="button" className="lb-button" onClick={() => void logout()}>
          {t('session.switchAccount')}
        </button>
      </div>
    );
  }
  return children;
}

/** Frame of the staff, admin and designer pages: bar, optional side navigation, content; asks to log in first. */
export function WorkShell({ name, nav, side, flush, roles, children }: WorkShellProps): ReactNode {
  const t = useSharedText();
  const { session } = useSession();
  useFocusOnNavigation(name);
  useKeptFocus();
  const inside = Boolean(session?.user) && !session?.pending;
  const allowed = inside && (!roles || (session?.user?.roles.some((held) => roles.includes(held.role)) ?? false));
  return (
    <div className="lb-work">
      <SkipLink />
      <header className="lb-work-bar">
        <Link className="lb-work-brand" to="/">
          {name}
        </Link>
        <nav className="lb-work-nav" aria-label={t('nav.main')}>
          {allowed
            ? nav.map((item) => (
                <NavLink key={item.to} to={item.to} end={item.end ?? false}>
                  {item.label}
                  <Count value={item.count} />
                </NavLink>
              ))
            : null}
        </nav>
        {inside ? <User /> : <div className="lb-work-user"><LanguageButton className="lb-button" /></div>}
      </header>
      <ModeStrip />
      <EnrolStrip />
      <OfflineStrip />
      <SessionStrip />
      <div className="lb-work-body">
        {allowed && side ? <SideNav name={name} items={side} /> : null}
        <main id="main" className="lb-work-main" data-flush={flush && inside ? 'true' : undefined} tabIndex={-1}>
          <Content name={name} {...(roles ? { roles } : {})}>
            {children}
          </Content>
        </main>
      </div>
    </div>
  );
}
