import { App } from 'antd';
import { type ReactNode } from 'react';
import { Route, Routes } from 'react-router';

import '../case/case.css';
import { AccountPage } from '../case/AccountPage';
import { useAccountText } from '../i18n/account';
import { ContractsPage } from '../case/ContractsPage';
import { ResponsibilitiesPage } from '../case/ResponsibilitiesPage';
import { useAdminText } from '../i18n/admin';
import { useChannelText } from '../i18n/channels';
import { useContractText } from '../i18n/contracts';
import { useEvidenceText } from '../i18n/evidence';
import { usePrivacyText } from '../i18n/privacy';
import { useProviderText } from '../i18n/providers';
import { usePeopleText } from '../i18n/people';
import { usePlacesText } from '../i18n/places';
import { useSharedText } from '../i18n/shared';
import { useSession } from '../shared/session';
import { WorkShell } from '../shared/shell/WorkShell';
import { NotFound } from '../shared/states';
import './admin.css';
import { AuditPage } from './pages/AuditPage';
import { CalendarPage } from './pages/CalendarPage';
import { CasePage } from './pages/CasePage';
import { CasesPage } from './pages/CasesPage';
import { ChannelsPage } from './pages/ChannelsPage';
import { ClientsPage } from './pages/ClientsPage';
import { ClockPage } from './pages/ClockPage';
import { ConnectionsPage } from './pages/ConnectionsPage';
import { ContactsPage } from './pages/ContactsPage';
import { IncidentsPage } from './pages/IncidentsPage';
import { JobsPage } from './pages/JobsPage';
import { MessagesPage } from './pages/MessagesPage';
import { NodesPage } from './pages/NodesPage';
import { OverviewPage } from './pages/OverviewPage';
import { OrganisationsPage } from './pages/OrganisationsPage';
import { PartnershipsPage } from './pages/PartnershipsPage';
import { PeoplePage } from './pages/PeoplePage';
import { PoliciesPage } from './pages/PoliciesPage';
import { RolesPage } from './pages/RolesPage';
import { PrivacyPage } from './pages/PrivacyPage';
import { ProvidersPage } from './pages/ProvidersPage';
import { SitesPage } from './pages/SitesPage';
import { StuckPage } from './pages/StuckPage';
import { WorkPage } from './pages/WorkPage';

const ROLES = ['SUPERVISOR', 'SITE_ADMIN', 'PLATFORM_ADMIN', 'AUDITOR'] as const;

/** Supervision and operations: which case is stuck, why, and what to do about it. */
export function AdminApp(): ReactNode {
  const t = useAdminText();
  const shared = useSharedText();
  const channels = useChannelText();
  const people = usePeopleText();
  const places = usePlacesText();
  const privacy = usePrivacyText();
  const evidence = useEvidenceText();
  const providers = useProviderText();
  const account = useAccountText();
  const contracts = useContractText();
  const { session } = useSession();
  const keeps = session?.user?.roles.some((held) => ['SITE_ADMIN', 'PLATFORM_ADMIN', 'AUDITOR'].includes(held.role)) ?? false;
  const mayRun = session?.user?.roles.some((held) => held.role === 'SITE_ADMIN' || held.role === 'PLATFORM_ADMIN') ?? false;
  const audits = session?.user?.roles.some((held) => ['AUDITOR', 'SUPERVISOR', 'PLATFORM_ADMIN'].includes(held.role)) ?? false;
  const may = (name: string): boolean => session?.user?.functions.includes(name) ?? false;
  const side = [
    { to: '/', label: t('nav.overview'), end: true },
    { to: '/stuck', label: t('nav.stuck') },
    { to: '/cases', label: t('nav.cases') },
    { to: '/incidents', label: t('nav.incidents') },
    { to: '/messages', label: t('nav.messages') },
    { to: '/work', label: t('nav.work') },
    { to: '/jobs', label: t('nav.jobs') },
    ...(mayRun ? [{ to: '/clients', label: t('nav.clients') }] : []),
    { to: '/policies', label: t('nav.policies') },
    { to: '/calendar', label: t('nav.calendar') },
    { to: '/privacy', label: privacy('watch.title') },
    { to: '/contracts', label: contracts('dc.title') },
    { to: '/responsibilities', label: places('re.title') },
    { to: '/sites', label: t('nav.sites') },
    ...(may('item:read') ? [{ to: '/partnerships', label: places('pa.title') }] : []),
    ...(may('users:read') ? [{ to: '/organisations', label: places('or.title') }] : []),
    ...(keeps ? [{ to: '/channels', label: channels('ch.title') }, { to: '/connections', label: channels('co.title') }, { to: '/providers', label: providers('pv.title') }] : []),
    ...(may('users:read') ? [{ to: '/people', label: people('nav.people') }] : []),
    { to: '/roles', label: people('nav.roles') },
    ...(may('contact:read') ? [{ to: '/contacts', label: people('nav.contacts') }] : []),
    ...(audits ? [{ to: '/audit', label: evidence('nav.audit') }] : []),
    { to: '/nodes', label: t('nav.nodes') },
    { to: '/account', label: account('nav.account') },
    ...(session?.mode.training ? [{ to: '/clock', label: t('nav.clock') }] : []),
  ];
  return (
    <WorkShell name={shared('app.admin')} roles={ROLES} nav={[]} side={side}>
      <App>
        <Routes>
          <Route path="/" element={<OverviewPage />} />
          <Route path="/stuck" element={<StuckPage />} />
          <Route path="/cases" element={<CasesPage />} />
          <Route path="/cases/:caseNo" element={<CasePage />} />
          <Route path="/incidents" element={<IncidentsPage />} />
          <Route path="/messages" element={<MessagesPage />} />
          <Route path="/work" element={<WorkPage />} />
          <Route path="/jobs" element={<JobsPage />} />
          <Route path="/clients" element={<ClientsPage />} />
          <Route path="/policies" element={<PoliciesPage />} />
          <Route path="/calendar" element={<CalendarPage />} />
          <Route path="/privacy" element={<PrivacyPage />} />
          <Route path="/contracts" element={<ContractsPage />} />
          <Route path="/sites" element={<SitesPage />} />
          <Route path="/partnerships" element={<PartnershipsPage />} />
          <Route path="/organisations" element={<OrganisationsPage />} />
          <Route path="/responsibilities" element={<ResponsibilitiesPage />} />
          <Route path="/people" element={<PeoplePage />} />
          <Route path="/roles" element={<RolesPage />} />
          <Route path="/contacts" element={<ContactsPage />} />
          <Route path="/channels" element={<ChannelsPage />} />
          <Route path="/connections" element={<ConnectionsPage />} />
          <Route path="/audit" element={<AuditPage />} />
          <Route path="/providers" element={<ProvidersPage />} />
          <Route path="/nodes" element={<NodesPage />} />
          <Route path="/clock" element={<ClockPage />} />
          <Route path="/account" element={<AccountPage />} />
          <Route path="*" element={<NotFound home="/admin/" />} />
        </Routes>
      </App>
    </WorkShell>
  );
}
