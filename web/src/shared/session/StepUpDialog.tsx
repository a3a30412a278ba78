import { type ReactNode, useEffect, useRef } from 'react';

import { useAccountText } from '../../i18n/account';
import { api } from '../api/client';
import { useSession, type Session } from '.';
import { Ask } from './Ask';

/** Asks for the password or a code over the page, whose input stays; the request that needed it is then sent again. */
export function StepUpDialog({ onDone }: { onDone: (done: boolean) => void }): ReactNode {
  const t = useAccountText();
  const { session, take } = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const how = session?.stepUp ?? 'password';
  const field = how === 'code'
    ? { name: 'code', label: t('code'), autoComplete: 'one-time-code' }
    : { name: 'password', label: t('password.old'), autoComplete: 'current-password', secret: true };
  return (
    <dialog ref={dialog} onCancel={() => onDone(false)} aria-label={t('stepUp.title')}>
      <Ask
        heading={t('stepUp.title')}
        note={how === 'provider' ? t('stepUp.provider') : t('stepUp.note')}
        fields={how === 'provider' ? [] : [field]}
        onSubmit={async (given) => {
          take(await api.post<Session>('/session/step-up', given));
          onDone(true);
        }}
        onCancel={() => onDone(false)}
      />
    </dialog>
  );
}
