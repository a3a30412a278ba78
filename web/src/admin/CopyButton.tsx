import { App, Button } from 'antd';
import { type ReactNode } from 'react';

import { useOperationsText } from '../i18n/operations';

/** Copies what is shown once; without a secure connection browsers have no clipboard, then the old way, and else it is said. */
export function CopyButton({ text, onCopied }: { text: string; onCopied?: () => void }): ReactNode {
  const t = useOperationsText();
  const { message } = App.useApp();
  const copy = async (): Promise<void> => {
    if (await copied(text)) {
      onCopied?.();
      void message.success(t('clients.copied'));
    } else void message.warning(t('clients.notCopied'), 8);
  };
  return <Button onClick={() => void copy()}>{t('clients.copy')}</Button>;
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const before = document.activeElement;
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'lb-visually-hidden';
    (before?.parentElement ?? document.body).append(field);
    field.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- without a secure connection there is no other way
    const done = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
  }
}
