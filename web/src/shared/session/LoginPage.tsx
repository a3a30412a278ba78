import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef, useState } from 'react';

import type { components } from '../../api/schema';
import { useLanguage } from '../../i18n';
import { useAccountText } from '../../i18n/account';
import { useSharedText } from '../../i18n/shared';
import { Problem, api } from '../api/client';
import { ErrorState, Notice } from '../states';
import { useSession } from '.';
import { Ask } from './Ask';
import { PendingStep } from './PendingStep';
import { ProviderButtons, useWays } from './Providers';

type DemoLogin = components['schemas']['DemoLogin'];

interface FormProps {
  heading: string;
  note?: string;
  only?: 'applicants' | 'staff' | undefined;
  /** The page to come back to from a provider; without it this page stays and the log-in happens beside it. */
  back?: string | undefined;
  onForgot?: () => void;
}

function LoginForm({ heading, note, only, back, onForgot }: FormProps): ReactNode {
  const t = useSharedText();
  const words = useAccountText();
  const ways = useWays();
  const { login, session } = useSession();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const id = useId();
  const submit = async (event: SyntheticEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    try {
      await login(text(form.get('login')), text(form.get('password')));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <section className="lb-login" aria-labelledby={id}>
      <h1 id={id}>{heading}</h1>
      {note ? <p>{note}</p> : null}
      {problem ? <ErrorState problem={problem} /> : null}
      {ways ? <ProviderButtons ways={ways} only={only} back={back} /> : null}
      {only === 'applicants' && ways && session?.mode.demo === false && ways.items.every((each) => each.audience === 'staff') ? <Notice>{t('sso.none')}</Notice> : null}
      {ways?.localLogin === 'administrators' ? <p className="lb-faint">{t('sso.onlyAdmins')}</p> : null}
      <form onSubmit={(event) => void submit(event)}>
        <label>
          {t('session.account')}
          <input className="lb-input" name="login" autoComplete="username" required />
        </label>
        <label>
          {t('session.password')}
          <input className="lb-input" name="password" type="password" autoComplete="current-password" required />
        </label>
        <button className="lb-button" data-kind="primary" type="submit" disabled={busy}>
          {busy ? t('session.loggingIn') : t('session.login')}
        </button>
        {onForgot ? <button type="button" className="lb-button" onClick={onForgot}>{words('forgot')}</button> : null}
      </form>
    </section>
  );
}

function text(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}

function ResetForm({ onBack }: { onBack: () => void }): ReactNode {
  const t = useAccountText();
  const [done, setDone] = useState(false);
  if (done) {
    return (
      <section className="lb-login">
        <p role="status">{t('reset.done')}</p>
        <button type="button" className="lb-button" data-kind="primary" onClick={onBack}>{t('reset.back')}</button>
      </section>
    );
  }
  return (
    <Ask
      heading={t('reset.title')}
      fields={[
        { name: 'login', label: t('reset.account'), autoComplete: 'username' },
        { name: 'code', label: t('reset.code'), autoComplete: 'off' },
        { name: 'password', label: t('password.new'), autoComplete: 'new-password', secret: true },
      ]}
      onSubmit={async (given) => {
        await api.post('/session/reset', given);
        setDone(true);
      }}
      onCancel={onBack}
      cancel={t('reset.back')}
    />
  );
}

function DemoLogins({ only }: { only?: 'applicants' | 'staff' }): ReactNode {
  const t = useSharedText();
  const { locale } = useLanguage();
  const { login } = useSession();
  const [items, setItems] = useState<DemoLogin[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const id = useId();
  useEffect(() => {
    api.get<{ items: DemoLogin[] }>('/demo/logins').then(
      (answer) => setItems(answer.items),
      (error: unknown) => {
        if (error instanceof Problem) setProblem(error);
      },
    );
  }, []);
  // Applicants work at no site.
  const shown = items.filter((item) => !only || !item.siteName === (only === 'applicants'));
  const sites = [...new Set(shown.map((item) => item.siteName))];
  return (
    <section className="lb-demo-logins" aria-labelledby={id}>
      <h2 id={id}>{t('session.demoTitle')}</h2>
      {problem ? <ErrorState problem={problem} /> : null}
      {sites.map((site) => (
        <section key={site} className="lb-demo-site">
          {site ? <h3>{site}</h3> : null}
          <ul>
            {shown.filter((item) => (item.siteName) === site).map((item) => (
              <li key={item.login}>
                <button type="button" data-login={item.login} onClick={() => void login(item.login, item.password).catch((error: unknown) => setProblem(error as Problem))}>
                  <strong>{item.name}</strong>
                  <span>{(locale === 'en' ? item.roleNamesEn : item.roleNames).join(' · ')}</span>
                  {item.hint && !site ? <span className="lb-faint">{item.hint}</span> : null}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}

/** Log-in page of one application; in demo mode with the demo people to choose from. */
export function LoginPage({ app, only, back }: { app: string; only?: 'applicants' | 'staff'; back?: string }): ReactNode {
  const t = useSharedText();
  const { session } = useSession();
  const [resetting, setResetting] = useState(false);
  if (session?.pending) return <PendingStep pending={session.pending} />;
  if (resetting) return <ResetForm onBack={() => setResetting(false)} />;
  return (
    <>
      <LoginForm heading={t('session.loginTitle', { app })} only={only} back={back ?? location.pathname + location.search} onForgot={() => setResetting(true)} />
      {session?.mode.demo ? <DemoLogins {...(only ? { only } : {})} /> : null}
    </>
  );
}

/** Logging in again over the page, whose input stays. */
export function LoginDialog({ onCancel }: { onCancel: () => void }): ReactNode {
  const t = useSharedText();
  const { session } = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} onCancel={onCancel} aria-label={t('session.login')}>
      {session?.pending ? <PendingStep pending={session.pending} /> : <LoginForm heading={t('session.login')} note={t('session.again')} />}
    </dialog>
  );
}
