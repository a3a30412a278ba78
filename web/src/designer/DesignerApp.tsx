import { type ReactNode } from 'react';
import { Route, Routes, useLocation } from 'react-router';

import '../case/case.css';
import { ContractsPage } from '../case/ContractsPage';
import { ResponsibilitiesPage } from '../case/ResponsibilitiesPage';
import { useContractText } from '../i18n/contracts';
import { usePlacesText } from '../i18n/places';
import { useDecisionText } from '../i18n/decisions';
import { useDesignerText } from '../i18n/designer';
import { useSharedText } from '../i18n/shared';
import { useTrialText } from '../i18n/trial';
import { useMay } from '../shared/session/useMay';
import { WorkShell } from '../shared/shell/WorkShell';
import { NotFound } from '../shared/states';
import { DecisionEditorPage } from './decisions/DecisionEditorPage';
import { DecisionListPage } from './decisions/DecisionListPage';
import { EditorPage } from './pages/EditorPage';
import { ListPage } from './pages/ListPage';
import { MovePage } from './pages/MovePage';
import { TrialPage } from './pages/TrialPage';
import { TrialsPage } from './pages/TrialsPage';
import { VersionPage } from './pages/VersionPage';
import { VersionsPage } from './pages/VersionsPage';
import './designer.css';

/** Who may look at models: designers and those who deploy or approve. */
const ROLES = ['DESIGNER', 'PLATFORM_ADMIN', 'HANDLER', 'APPROVER', 'AUDITOR'] as const;

export function DesignerApp(): ReactNode {
  const t = useDesignerText();
  const contracts = useContractText();
  const places = usePlacesText();
  const decisions = useDecisionText();
  const shared = useSharedText();
  const trial = useTrialText();
  const may = useMay();
  const { pathname } = useLocation();
  const editing = /^\/(models|decisions)\/./.test(pathname);
  const nav = [
    { to: '/', label: t('home.title'), end: true },
    { to: '/decisions', label: decisions('list.title') },
    { to: '/contracts', label: contracts('dc.title') },
    { to: '/responsibilities', label: places('re.title') },
    ...(may('trial:do') ? [{ to: '/trials', label: trial('list.title') }] : []),
  ];
  return (
    <WorkShell name={shared('app.designer')} roles={ROLES} flush={editing} nav={nav}>
      <Routes>
        <Route path="/" element={<ListPage />} />
        <Route path="/models/:key" element={<EditorPage />} />
        <Route path="/decisions" element={<DecisionListPage />} />
        <Route path="/decisions/:key" element={<DecisionEditorPage />} />
        <Route path="/contracts" element={<ContractsPage />} />
        <Route path="/responsibilities" element={<ResponsibilitiesPage />} />
        <Route path="/versions/:key" element={<VersionsPage />} />
        <Route path="/versions/:key/:id" element={<VersionPage />} />
        <Route path="/versions/:key/:id/move" element={<MovePage />} />
        <Route path="/trials" element={<TrialsPage />} />
        <Route path="/trials/:id" element={<TrialPage />} />
        <Route path="*" element={<NotFound home="/designer/" />} />
      </Routes>
    </WorkShell>
  );
}
