import { App } from 'antd';
import { useState } from 'react';

import { useLanguage } from '../i18n';
import { Problem } from '../shared/api/client';

interface Action {
  busy: boolean;
  run: (work: () => Promise<unknown>, done: string) => Promise<boolean>;
}

/** Runs a command of an administrator: says what came of it, keeps the page as it is on failure. */
export function useAction(): Action {
  const { message } = App.useApp();
  const { locale } = useLanguage();
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<unknown>, done: string): Promise<boolean> => {
    setBusy(true);
    try {
      await work();
      void message.success(done);
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { document } = error;
      const zh = locale === 'zh';
      const parts = [zh ? document.title : document.titleEn, zh ? document.detail : document.detailEn, zh ? document.next : document.nextEn];
      void message.error(parts.filter(Boolean).join(' '), 8);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, run };
}
