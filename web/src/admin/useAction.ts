import { App } from 'antd';
import { useState } from 'react';

import { useLanguage } from '../i18n';
import { Problem } from '../shared/api/client';

interface Action {
  busy: boolean;
  /** What the last command was refused for, where that is told in place. */
  problem: Problem | null;
  run: (work: () => Promise<unknown>, done: string) => Promise<boolean>;
}

/**
 * Runs a command of an administrator: says what came of it, keeps the page as it is on failure. `inPlace`: a dialog shows the refusal
 * itself, beside what was typed, for as long as it takes to read it.
 */
export function useAction(inPlace = false): Action {
  const { message } = App.useApp();
  const { locale } = useLanguage();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async (work: () => Promise<unknown>, done: string): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      void message.success(done);
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (inPlace) setProblem(error);
      else void message.error(toldOf(error, locale), 8);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, run };
}

function toldOf({ document }: Problem, locale: string): string {
  const zh = locale === 'zh';
  const parts = [zh ? document.title : document.titleEn, zh ? document.detail : document.detailEn, zh ? document.next : document.nextEn];
  return parts.filter(Boolean).join(' ');
}
