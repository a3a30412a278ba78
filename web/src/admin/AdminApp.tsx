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
import { useMay } from '../shared/session/useMay';
import { WorkShell } from '../shared/shell/WorkShell';
import { NotFound } from '../shared/states';
import './admin.css';
import { NoAccess } from './NoAccess';
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
import { ItemsPage } from './pages/ItemsPage';
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
const CASES = ['case:read', 'case.state:read'] as const;

interface Place {
  group: 'supervise' | 'run' | 'rules' | 'places' | 'links' | 'watch' | 'more';
  to: string;
  label: string;
  /** The acts of which one opens the page; none: everybody's. Who has none of them is told so, and nothing is asked of the server. */
  needs?: readonly string[];
  /** False: not in the navigation, only by its address. */
  named?: boolean;
  page: ReactNode;
}

/** Supervision and operations: which case is stuck, why, and what to do about it. */
export function AdminApp(): ReactNode {
  const t = useAdminText();
  const shared = useSharedText();
  const channels = useChannelText();
  const people = usePeopleText();
  const regions = usePlacesText();
  const privacy = usePrivacyText();
  const evidence = useEvidenceText();
  const providers = useProviderText();
  const account = useAccountText();
  const contracts = useContractText();
  const { session } = useSession();
  const places: Place[] = [
    { group: 'supervise', to: '/', label: t('nav.overview'), needs: ['operation:read'], page: <OverviewPage /> },
    { group: 'supervise', to: '/stuck', label: t('nav.stuck'), needs: ['operation:read'], page: <StuckPage /> },
    { group: 'supervise', to: '/cases', label: t('nav.cases'), needs: CASES, page: <CasesPage /> },
    { group: 'supervise', to: '/incidents', label: t('nav.incidents'), needs: ['operation:read'], page: <IncidentsPage /> },
    { group: 'supervise', to: '/messages', label: t('nav.messages'), needs: ['replay:read'], page: <MessagesPage /> },
    { group: 'run', to: '/work', label: t('nav.work'), needs: ['operation:read'], page: <WorkPage /> },
    { group: 'run', to: '/jobs', label: t('nav.jobs'), needs: ['operation:read'], page: <JobsPage /> },
    { group: 'run', to: '/nodes', label: t('nav.nodes'), needs: ['node:read'], page: <NodesPage /> },
    { group: 'rules', to: '/policies', label: t('nav.policies'), needs: ['parameter:read'], page: <PoliciesPage /> },
    { group: 'rules', to: '/calendar', label: t('nav.calendar'), needs: ['calendar:read'], page: <CalendarPage /> },
    { group: 'rules', to: '/contracts', label: contracts('dc.title'), needs: ['item:read'], page: <ContractsPage /> },
    { group: 'rules', to: '/items', label: regions('it.title'), needs: ['item:register', 'item:local'], page: <ItemsPage /> },
    { group: 'rules', to: '/responsibilities', label: regions('re.title'), needs: ['item:read'], page: <ResponsibilitiesPage /> },
    { group: 'places', to: '/sites', label: t('nav.sites'), needs: ['contact:read', 'users:read'], page: <SitesPage /> },
    { group: 'places', to: '/partnerships', label: regions('pa.title'), needs: ['item:read'], page: <PartnershipsPage /> },
    { group: 'places', to: '/organisations', label: regions('or.title'), needs: ['users:read'], page: <OrganisationsPage /> },
    { group: 'places', to: '/people', label: people('nav.people'), needs: ['users:read'], page: <PeoplePage /> },
    { group: 'places', to: '/roles', label: people('nav.roles'), page: <RolesPage /> },
    { group: 'places', to: '/contacts', label: people('nav.contacts'), needs: ['contact:read'], page: <ContactsPage /> },
    { group: 'links', to: '/clients', label: t('nav.clients'), needs: ['connection:read'], page: <ClientsPage /> },
    { group: 'links', to: '/channels', label: channels('ch.title'), needs: ['connection:read'], page: <ChannelsPage /> },
    { group: 'links', to: '/connections', label: channels('co.title'), needs: ['connection:read'], page: <ConnectionsPage /> },
    { group: 'links', to: '/providers', label: providers('pv.title'), needs: ['connection:read'], page: <ProvidersPage /> },
    { group: 'watch', to: '/privacy', label: privacy('watch.title'), needs: ['unmask.watch:watch', 'unmask:approve', 'retention:read'], page: <PrivacyPage /> },
    { group: 'watch', to: '/audit', label: evidence('nav.audit'), needs: ['audit:read', 'audit:config'], page: <AuditPage /> },
    { group: 'more', to: '/account', label: account('nav.account'), page: <AccountPage /> },
    { group: 'more', to: '/clock', label: t('nav.clock'), needs: ['clock:advance'], named: session?.mode.training ?? false, page: <ClockPage /> },
  ];
  const may = useMay();
  const opens = ({ needs }: Pick<Place, 'needs'>): boolean => !needs || needs.some(may);
  return (
    <WorkShell name={shared('app.admin')} roles={ROLES} nav={[]} side={places.filter((place) => place.named !== false && opens(place)).map(({ group, to, label }) => ({ group: t(`group.${group}`), to, label, end: to === '/' }))}>
      <App>
        <Routes>
          {places.map((place) => (
            <Route key={place.to} path={place.to} element={opens(place) ? place.page : <NoAccess name={place.label} />} />
          ))}
          <Route path="/cases/:caseNo" element={opens({ needs: CASES }) ? <CasePage /> : <NoAccess name={t('nav.cases')} />} />
          <Route path="*" element={<NotFound home="/admin/" />} />
        </Routes>
      </App>
    </WorkShell>
  );
}
