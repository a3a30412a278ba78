import { type ReactNode } from 'react';
import { Route, Routes } from 'react-router';

import { useAdminText } from '../i18n/admin';
import { useSharedText } from '../i18n/shared';
import { WorkShell } from '../shared/shell/WorkShell';
import { NotFound } from '../shared/states';

export function AdminApp(): ReactNode {
  const t = useAdminText();
  const shared = useSharedText();
  return (
    <WorkShell name={shared('app.admin')} nav={[{ to: '/', label: t('home.title'), end: true }]}>
      <Routes>
        <Route path="/" element={<h1>{t('home.title')}</h1>} />
        <Route path="*" element={<NotFound home="/admin/" />} />
      </Routes>
    </WorkShell>
  );
}
