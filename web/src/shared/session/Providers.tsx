import { type ReactNode, useEffect, useRef, useState } from 'react';

import type { components } from '../../api/schema';
import { useLanguage } from '../../i18n';
import { useSharedText } from '../../i18n/shared';
import { api, type Problem } from '../api/client';
import { announceSignedIn, onSignedIn } from './signedIn';

type Provider = components['schemas']['ProviderButton'];
type Ways = components['schemas']['ProviderButtons'];

export const SIGNED_IN = '/signed-in';

/** Ways to log in; undefined until they are known. A deployment without providers has passwords only. */
export function useWays(): Ways | undefined {
  const [ways, setWays] = useState<Ways>();
  useEffect(() => {
    let gone = false;
    api.get<Ways>('/providers').then(
      (found) => { if (!gone) setWays(found); },
      // The page works without: passwords are still there.
      () => { if (!gone) setWays({ items: [], localLogin: 'everyone' }); },
    );
    return () => { gone = true; };
  }, []);
  return ways;
}

export function addressOf(address: string, query: Record<string, string>): string {
  return `${address}?${new URLSearchParams(query).toString()}`;
}

/** Buttons of the identity providers. `back`: the page to come back to; without it the log-in happens in a new window and this page stays. */
export function ProviderButtons({ ways, only, back }: { ways: Ways; only?: 'applicants' | 'staff' | undefined; back?: string | undefined }): ReactNode {
  const t = useSharedText();
  const { locale } = useLanguage();
  const shown = ways.items.filter((each) => !only || (each.audience === 'staff') === (only === 'staff'));
  if (shown.length === 0) return null;
  const nameOf = (each: Provider): string => {
    const name = locale === 'en' ? each.nameEn : each.name;
    return each.audience === 'legal' ? t('sso.forLegal', { name }) : name;
  };
  return (
    <div className="lb-providers">
      {shown.map((each) => (
        <a
          key={each.key}
          className="lb-button"
          data-kind="primary"
          data-provider={each.key}
          href={addressOf(each.address, { return: back ?? SIGNED_IN, language: locale === 'en' ? 'en' : 'zh-CN' })}
          {...(back === undefined ? { target: '_blank', rel: 'opener' } : {})}
        >
          {nameOf(each)}
        </a>
      ))}
      <p className="lb-faint">{back === undefined ? t('sso.inNewWindow') : t('sso.or')}</p>
    </div>
  );
}

/** Told that an act asks for more: prove it at the provider in another window, while everything on this page stays as it is. */
export function LevelDialog({ problem, onDone }: { problem: Problem; onDone: (proved: boolean) => void }): ReactNode {
  const t = useSharedText();
  const { locale } = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const done = useRef(onDone);
  useEffect(() => { done.current = onDone; }, [onDone]);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    const stop = onSignedIn(() => done.current(true));
    return () => { stop(); element?.close(); };
  }, []);
  const { document: told } = problem;
  const en = locale === 'en';
  const extra = told as unknown as Record<'level' | 'provider' | 'providerName' | 'providerNameEn', string>;
  const where = addressOf(`/oidc/${encodeURIComponent(extra.provider)}/log-in`, { again: '1', level: extra.level, return: SIGNED_IN, language: en ? 'en' : 'zh-CN' });
  return (
    <dialog ref={dialog} onCancel={() => onDone(false)} aria-labelledby="lb-level-title">
      <section className="lb-login">
        <h2 id="lb-level-title">{en ? told.titleEn : told.title}</h2>
        <p>{en ? told.detailEn : told.detail}</p>
        <p>{t('sso.stays')}</p>
        <a className="lb-button" data-kind="primary" data-provider={extra.provider} href={where} target="_blank" rel="opener">
          {t('sso.prove', { name: en ? extra.providerNameEn : extra.providerName })}
        </a>
        <button type="button" className="lb-button" onClick={() => onDone(false)}>{t('sso.cancel')}</button>
      </section>
    </dialog>
  );
}

/** Where the other window ends: it tells the first one and may be closed. */
export function SignedIn(): ReactNode {
  const t = useSharedText();
  useEffect(() => { announceSignedIn(); window.close(); }, []);
  return (
    <>
      <h1>{t('sso.signedIn')}</h1>
      <p>{t('sso.signedInNext')}</p>
    </>
  );
}
