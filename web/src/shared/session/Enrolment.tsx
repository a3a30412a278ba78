import { QRCodeSVG } from '@rc-component/qrcode';
import { type ReactNode, useState } from 'react';

import { useAccountText } from '../../i18n/account';
import { Problem, api } from '../api/client';
import { ErrorState } from '../states';
import { Ask } from './Ask';

interface Secret {
  secret: string;
  uri: string;
}

/** Sets up a second factor: scan, first code, recovery codes; `onDone` once these were kept. */
export function Enrolment({ heading, note, onDone }: { heading?: string; note?: string; onDone: () => void }): ReactNode {
  const t = useAccountText();
  const [secret, setSecret] = useState<Secret>();
  const [codes, setCodes] = useState<string[]>();
  const [problem, setProblem] = useState<Problem>();
  const begin = (): void => {
    setProblem(undefined);
    api.post<Secret>('/account/second-factor').then(setSecret, (error: unknown) => {
      if (error instanceof Problem) setProblem(error);
    });
  };
  if (codes) return <RecoveryCodes codes={codes} onKept={onDone} />;
  if (!secret) {
    return (
      <section className="lb-login">
        {heading ? <h1>{heading}</h1> : null}
        <p>{note ?? t('factor.none')}</p>
        {problem ? <ErrorState problem={problem} /> : null}
        <button type="button" className="lb-button" data-kind="primary" onClick={begin}>{t('factor.begin')}</button>
      </section>
    );
  }
  return (
    <section className="lb-login">
      {heading ? <h1>{heading}</h1> : null}
      <p>{t('factor.scan')}</p>
      <QRCodeSVG value={secret.uri} size={192} marginSize={4} role="img" aria-label={t('factor.qr')} title={t('factor.qr')} />
      <code className="lb-secret">{secret.secret.match(/.{1,4}/g)?.join(' ')}</code>
      <Ask
        fields={[{ name: 'code', label: t('codeFirst'), autoComplete: 'one-time-code' }]}
        onSubmit={async (given) => {
          setCodes((await api.post<{ codes: string[] }>('/account/second-factor/confirm', given)).codes);
        }}
      />
    </section>
  );
}

/** Ten codes, shown once. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }): ReactNode {
  const t = useAccountText();
  return (
    <section className="lb-login">
      <p>{t('factor.codes')}</p>
      <ul className="lb-codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <button type="button" className="lb-button" data-kind="primary" onClick={onKept}>{t('factor.kept')}</button>
    </section>
  );
}
