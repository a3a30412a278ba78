import '../case/case.css';
import './staff.css';

import { App } from 'antd';
import type { ReactElement } from 'react';
import { Route, Routes } from 'react-router';

import { ContactsPage } from '../admin/pages/ContactsPage';
import { AccountPage } from '../case/AccountPage';
import { OwnChannels } from '../case/OwnChannels';
import { useAccountText } from '../i18n/account';
import { KeepingRequests } from '../case/KeepingRequests';
import { UnmaskRequests } from '../case/UnmaskRequests';
import { useChannelText } from '../i18n/channels';
import { usePeopleText } from '../i18n/people';
import { usePrivacyText } from '../i18n/privacy';
import { useWindowText } from '../i18n/window';
import { useSession } from '../shared/session';
import { WorkShell } from '../shared/shell/WorkShell';
import { NotForYou, NotFound } from '../shared/states';
import { CountsProvider, useCounts } from './counts';
import { Case } from './pages/Case';
import { Cases } from './pages/Cases';
import { Delegations } from './pages/Delegations';
import { DocumentPage } from './pages/DocumentPage';
import { Inbox } from './pages/Inbox';
import { Task } from './pages/Task';
import { WindowApply } from './pages/WindowApply';
import { WindowCase } from './pages/WindowCase';
import { WindowDesk } from './pages/WindowDesk';
import { WindowTask } from './pages/WindowTask';
import { useStaffText } from './text';

function Frame(): ReactElement {
  const { t } = useStaffText();
  const channels = useChannelText();
  const privacy = usePrivacyText();
  const account = useAccountText();
  const people = usePeopleText();
  const windows = useWindowText();
  const { session } = useSession();
  const { counts } = useCounts();
  const waiting = counts ? counts.group + counts.mine : 0;
  const roles = session?.user?.roles.map((held) => held.role) ?? [];
  const functions = session?.user?.functions ?? [];
  const atWindow = roles.includes('RECV_CLERK');
  const decides = functions.includes('unmask:approve');
  const nav = [
    { to: '/', label: t('nav.inbox'), end: true, ...(waiting > 0 ? { count: waiting } : {}) },
    { to: '/cases', label: t('nav.cases') },
    ...(atWindow ? [{ to: '/apply', label: t('window.title') }, { to: '/window', label: windows('nav') }] : []),
    ...(decides ? [{ to: '/unmask-requests', label: privacy('requests.title') }] : []),
    ...(functions.includes('contact:change') ? [{ to: '/contacts', label: people('nav.contacts') }] : []),
    { to: '/delegations', label: account('nav.delegations') },
    { to: '/settings/channels', label: channels('own.title') },
    { to: '/account', label: account('nav.account') },
  ];
  return (
    <WorkShell name={t('app')} nav={nav} {...(roles.length === 0 ? { roles: ['RECV_CLERK'] } : {})}>
      <Routes>
        <Route path="/" element={<Inbox />} />
        <Route path="/tasks/:id" element={<Task />} />
        <Route path="/cases" element={<Cases />} />
        <Route path="/cases/:caseNo" element={<Case />} />
        <Route path="/cases/:caseNo/documents/:id" element={<DocumentPage />} />
        <Route path="/apply" element={<WindowApply />} />
        <Route path="/window" element={atWindow ? <WindowDesk /> : <NotForYou title={windows('title')} home="/staff/" />} />
        <Route path="/window/:caseNo" element={<WindowCase />} />
        <Route path="/window/:caseNo/tasks/:taskId" element={<WindowTask />} />
        <Route path="/window/:caseNo/documents/:id" element={<DocumentPage atWindow />} />
        <Route path="/unmask-requests" element={decides ? <><UnmaskRequests /><KeepingRequests /></> : <NotForYou title={privacy('requests.title')} home="/staff/" />} />
        <Route path="/contacts" element={functions.includes('contact:read') ? <App><ContactsPage /></App> : <NotForYou title={people('nav.contacts')} home="/staff/" />} />
        <Route path="/settings/channels" element={<OwnChannels />} />
        <Route path="/account" element={<AccountPage />} />
        <Route path="/delegations" element={<Delegations />} />
        <Route path="*" element={<NotFound home="/staff/" />} />
      </Routes>
    </WorkShell>
  );
}

/** The desk of the staff of all sites. */
export function StaffApp(): ReactElement {
  return <CountsProvider><Frame /></CountsProvider>;
}
