import { type ReactNode } from 'react';
import { Route, Routes } from 'react-router';

import { usePortalText } from '../i18n/portal';
import { useSharedText } from '../i18n/shared';
import { LoginPage } from '../shared/session/LoginPage';
import { PortalShell } from '../shared/shell/PortalShell';
import { NotFound } from '../shared/states';

export function PortalApp(): ReactNode {
  const t = usePortalText();
  const shared = useSharedText();
  return (
    <PortalShell nav={[{ to: '/', label: t('home.title'), end: true }]} loginPath="/login">
      <Routes>
        <Route path="/" element={<h1>{t('home.title')}</h1>} />
        <Route path="/login" element={<LoginPage app={shared('app.portal')} only="applicants" />} />
        <Route path="*" element={<NotFound home="/" />} />
      </Routes>
    </PortalShell>
  );
}
