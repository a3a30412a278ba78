import { type ReactNode } from 'react';
import { Route, Routes } from 'react-router';

import { useDesignerText } from '../i18n/designer';
import { useSharedText } from '../i18n/shared';
import { WorkShell } from '../shared/shell/WorkShell';
import { NotFound } from '../shared/states';

export function DesignerApp(): ReactNode {
  const t = useDesignerText();
  const shared = useSharedText();
  return (
    <WorkShell name={shared('app.designer')} nav={[{ to: '/', label: t('home.title'), end: true }]}>
      <Routes>
        <Route path="/" element={<h1>{t('home.title')}</h1>} />
        <Route path="*" element={<NotFound home="/designer/" />} />
      </Routes>
    </WorkShell>
  );
}
