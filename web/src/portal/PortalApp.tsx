import '../case/case.css';
import './portal.css';

import type { ReactElement, ReactNode } from 'react';
import { Navigate, Route, Routes, useLocation } from 'react-router';

import { AccountPage } from '../case/AccountPage';
import { OwnChannels } from '../case/OwnChannels';
import { useAccountText } from '../i18n/account';
import { usePrivacyText } from '../i18n/privacy';
import { useSession } from '../shared/session';
import { LoginPage } from '../shared/session/LoginPage';
import { SignedIn } from '../shared/session/Providers';
import { PortalShell } from '../shared/shell/PortalShell';
import { EmptyState, ErrorState, Loading, NotFound, Notice } from '../shared/states';
import { Apply } from './apply/Apply';
import { Certificate } from './pages/Certificate';
import { DocumentPage } from './pages/DocumentPage';
import { Guide } from './pages/Guide';
import { Home } from './pages/Home';
import { MyCase } from './pages/MyCase';
import { MyCases } from './pages/MyCases';
import { MyTask } from './pages/MyTask';
import { Notifications } from './pages/Notifications';
import { PrivacyCentre } from './pages/PrivacyCentre';
import { Progress } from './pages/Progress';
import { SelfCheck } from './pages/SelfCheck';
import { usePortalText } from './text';

/** What a deployment is called until LIANBAN_DEPLOYMENT_NAME says more. */
const UNNAMED = '联办';

function returnPath(state: unknown): string {
  const from = typeof state === 'object' && state !== null && 'from' in state ? state.from : null;
  return typeof from === 'string' && from.startsWith('/') ? from : '/my';
}

function LogIn(): ReactNode {
  const { t } = usePortalText();
  const { session } = useSession();
  const location = useLocation();
  if (!session) return <NoSessionYet title={t('nav.login')} />;
  if (session.user?.isApplicant && !session.pending) return <Navigate to={returnPath(location.state)} replace />;
  return <LoginPage app={t('brand')} only="applicants" back={returnPath(location.state)} />;
}

/** Who is logged in is not known yet, or could not be asked. */
function NoSessionYet({ title }: { title: string }): ReactNode {
  const { problem, refresh } = useSession();
  if (!problem) return <Loading />;
  return <><h1>{title}</h1><ErrorState problem={problem} onRetry={() => void refresh()} /></>;
}

/** Pages of a person: log in first, then come back to where one wanted to go. `window`: a window clerk may use the page for somebody else. */
function Personal({ window = false, children }: { window?: boolean; children: ReactNode }): ReactNode {
  const { t } = usePortalText();
  const { session } = useSession();
  const location = useLocation();
  if (!session) return <NoSessionYet title={t('brand')} />;
  if (!session.user) return <Navigate to="/login" replace state={{ from: location.pathname + location.search }} />;
  if (session.pending) return <LoginPage app={t('brand')} only="applicants" />;
  if (window && session.user.roles.some((held) => held.role === 'RECV_CLERK')) return <><Notice title={t('window.title')}><p>{t('window.text')}</p></Notice>{children}</>;
  if (!session.user.isApplicant) return <><h1>{t('nav.login')}</h1><EmptyState text={t('login.notApplicant')} /></>;
  return children;
}

/** The citizens' pages. */
export function PortalApp(): ReactElement {
  const { t } = usePortalText();
  const privacy = usePrivacyText();
  const { session } = useSession();
  const account = useAccountText();
  const own = session?.user?.isApplicant ? [{ to: '/my', label: t('nav.cases') }, { to: '/notifications', label: t('nav.notifications') }, { to: '/privacy', label: privacy('centre.title') }, { to: '/account', label: account('nav.account') }] : [];
  const nav = [{ to: '/', label: t('nav.home'), end: true }, ...own, { to: '/progress', label: t('nav.progress') }];
  const named = session?.mode.deploymentName;
  const office = named && named !== UNNAMED ? named : t('footer.office');
  return (
    <PortalShell nav={nav} office={{ name: office, phone: t('footer.phone') }} loginPath="/login">
      <Routes>
        <Route path="/" element={<Home />} />
        <Route path="/items/:code" element={<Guide />} />
        <Route path="/items/:code/check" element={<SelfCheck />} />
        <Route path="/items/:code/apply" element={<Personal window><Apply /></Personal>} />
        <Route path="/login" element={<LogIn />} />
        <Route path="/signed-in" element={<SignedIn />} />
        <Route path="/my" element={<Personal><MyCases /></Personal>} />
        <Route path="/my/:caseNo" element={<Personal><MyCase /></Personal>} />
        <Route path="/my/:caseNo/tasks/:taskId" element={<Personal><MyTask /></Personal>} />
        <Route path="/my/:caseNo/documents/:id" element={<Personal><DocumentPage /></Personal>} />
        <Route path="/notifications" element={<Personal><Notifications /></Personal>} />
        <Route path="/privacy" element={<Personal><PrivacyCentre /></Personal>} />
        <Route path="/settings/channels" element={<Personal><OwnChannels /></Personal>} />
        <Route path="/account" element={<Personal><AccountPage /></Personal>} />
        <Route path="/progress" element={<Progress />} />
        <Route path="/certificates" element={<Certificate />} />
        <Route path="/certificates/:number" element={<Certificate />} />
        <Route path="*" element={<NotFound home="/" />} />
      </Routes>
    </PortalShell>
  );
}
