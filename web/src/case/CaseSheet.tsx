import { Button } from 'antd';
import { useState, type ReactElement } from 'react';

import { usePrivacyText } from '../i18n/privacy';
import { downloadFile } from '../shared/api/client';
import { useSession } from '../shared/session';
import { ProblemNotice } from './problem';

/** What the list on the page is narrowed to. */
export interface SheetFilter {
  q?: string;
  state?: string;
  item?: string | null;
  due?: string | null;
}

/** The list as a spreadsheet, masked as on the page; only for who may export cases. */
export function CaseSheet({ filter }: { filter: SheetFilter }): ReactElement | null {
  const t = usePrivacyText();
  const { session } = useSession();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (!session?.user?.functions.includes('export:export')) return null;
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const chosen = Object.fromEntries(Object.entries(filter).filter(([, value]) => Boolean(value)));
      await downloadFile('/cases/export', chosen, 'cases.xlsx');
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button loading={busy} title={t('sheet.note')} onClick={() => void run()}>{t('sheet.export')}</Button>
      {error ? <ProblemNotice error={error} /> : null}
    </>
  );
}
