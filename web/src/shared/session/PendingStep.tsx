import type { ReactNode } from 'react';

import { useAccountText } from '../../i18n/account';
import { api } from '../api/client';
import { useSession, type Pending, type Session } from '.';
import { Ask } from './Ask';
import { Enrolment } from './Enrolment';

/** The step of a log-in that is still missing: a code, a new password, a second factor. */
export function PendingStep({ pending }: { pending: Pending }): ReactNode {
  const t = useAccountText();
  const { take, refresh } = useSession();
  const leave = (): void => void api.delete('/session').then(refresh);
  if (pending === 'second-factor') {
    return (
      <Ask
        heading={t('pending.code')}
        fields={[{ name: 'code', label: t('code'), autoComplete: 'one-time-code' }]}
        onSubmit={async (given) => take(await api.post<Session>('/session/second-factor', given))}
        onCancel={leave}
      />
    );
  }
  if (pending === 'change-password') {
    return (
      <Ask
        heading={t('pending.password')}
        note={t('pending.passwordNote')}
        fields={[
          { name: 'old', label: t('password.old'), autoComplete: 'current-password', secret: true },
          { name: 'password', label: t('password.new'), autoComplete: 'new-password', secret: true },
        ]}
        onSubmit={async (given) => take(await api.post<Session>('/account/password', given))}
        onCancel={leave}
      />
    );
  }
  return <Enrolment heading={t('pending.enrol')} note={t('pending.enrolNote')} onDone={() => void refresh()} />;
}
