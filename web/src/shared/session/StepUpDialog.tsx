import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

import { useLanguage } from '../../i18n';
import { useAccountText } from '../../i18n/account';
import { useSharedText } from '../../i18n/shared';
import { api } from '../api/client';
import { useSession, type Session } from '.';
import { Ask } from './Ask';
import { addressOf, SIGNED_IN } from './Providers';
import { onSignedIn } from './signedIn';

/**
 * Asks for the password or a code, or for a fresh log-in at the provider in another window, over the page, whose input stays; the
 * request that needed it is then sent again.
 */
export function StepUpDialog({ onDone }: { onDone: (done: boolean) => void }): ReactNode {
  const t = useAccountText();
  const id = useId();
  const { session, refresh } = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  const [known, setKnown] = useState(false);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Another window may have set up a second factor or logged in by another way meanwhile.
    void refresh().then(() => setKnown(true));
    return () => element?.close();
  }, [refresh]);
  const how = session?.stepUp ?? 'password';
  return (
    <dialog ref={dialog} onCancel={(event) => { event.preventDefault(); onDone(false); }} aria-labelledby={id}>
      <h2 id={id} className="lb-dialog-title">{t('stepUp.title')}</h2>
      {known ? (how === 'provider' ? <AtProvider onDone={onDone} /> : <Here how={how} onDone={onDone} />) : <p role="status">{t('stepUp.wait')}</p>}
    </dialog>
  );
}

interface StepProps {
  onDone: (done: boolean) => void;
}

function Here({ how, onDone }: StepProps & { how: 'password' | 'code' }): ReactNode {
  const t = useAccountText();
  const { take } = useSession();
  const field = how === 'code'
    ? { name: 'code', label: t('code'), autoComplete: 'one-time-code' }
    : { name: 'password', label: t('password.own'), autoComplete: 'current-password', secret: true };
  return (
    <Ask
      note={t('stepUp.note')}
      fields={[field]}
      first
      onSubmit={async (given) => {
        take(await api.post<Session>('/session/step-up', given));
        onDone(true);
      }}
      onCancel={() => onDone(false)}
    />
  );
}

function AtProvider({ onDone }: StepProps): ReactNode {
  const t = useAccountText();
  const shared = useSharedText();
  const { locale } = useLanguage();
  const { session, refresh } = useSession();
  const done = useRef(onDone);
  useEffect(() => { done.current = onDone; }, [onDone]);
  // The session has a new id and CSRF token after the proof: take them before the request is sent again.
  useEffect(() => onSignedIn(() => void refresh().then(() => done.current(true))), [refresh]);
  const provider = session?.stepUpProvider;
  const en = locale === 'en';
  return (
    <section className="lb-login">
      <p>{t(provider ? 'stepUp.provider' : 'stepUp.gone')}</p>
      <div className="lb-row">
        {provider ? (
          <a
            className="lb-button" data-kind="primary" data-provider={provider.key} target="_blank" rel="opener" autoFocus
            href={addressOf(`/oidc/${encodeURIComponent(provider.key)}/log-in`, { again: '1', return: SIGNED_IN, language: en ? 'en' : 'zh-CN' })}
          >
            {shared('sso.prove', { name: en ? provider.nameEn : provider.name })}
          </a>
        ) : null}
        <button type="button" className="lb-button" onClick={() => onDone(false)}>{shared('sso.cancel')}</button>
      </div>
    </section>
  );
}
