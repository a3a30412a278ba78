import { type ReactNode } from 'react';
import { Route, Routes } from 'react-router';

import { useStaffText } from '../i18n/staff';
import { useSharedText } from '../i18n/shared';
import { WorkShell } from '../shared/shell/WorkShell';
import { NotFound } from '../shared/states';

export function StaffApp(): ReactNode {
  const t = useStaffText();
  const shared = useSharedText();
  return (
    <WorkShell name={shared('app.staff')} nav={[{ to: '/', label: t('home.title'), end: true }]}>
      <Routes>
        <Route path="/" element={<h1>{t('home.title')}</h1>} />
        <Route path="*" element={<NotFound home="/staff/" />} />
      </Routes>
    </WorkShell>
  );
}
