import { Drawer } from 'antd';
import type { ReactNode } from 'react';

import { useTrialText } from '../../i18n/trial';
import { api } from '../../shared/api/client';
import { useAttempt } from '../../shared/api/useAttempt';
import { ErrorState } from '../../shared/states';
import { TrialView } from '../trial/TrialView';
import type { Trial } from '../trial/types';
import { again } from './TrialPage';

/** A trial over the editor: the canvas stays as it is, and the trial goes when it is closed. */
export function TrialDrawer({ trial, onTrial, onClose }: { trial: Trial; onTrial: (trial: Trial) => void; onClose: () => void }): ReactNode {
  const t = useTrialText();
  const { problem, attempt } = useAttempt();
  const restart = (services: Trial['services']): Promise<boolean> =>
    attempt(async () => {
      const made = await again(trial, services);
      onTrial(await api.get<Trial>(`/trials/${String(made.id)}`));
    });
  return (
    <Drawer open size="100%" title={t('title', { name: trial.name })} closable={{ 'aria-label': t('close') }} onClose={onClose}>
      {problem ? <ErrorState problem={problem} /> : null}
      <TrialView key={trial.id} id={trial.id} onRestart={(services) => void restart(services)} />
    </Drawer>
  );
}
