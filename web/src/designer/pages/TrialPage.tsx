import { App } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { useTrialText } from '../../i18n/trial';
import { api, Problem } from '../../shared/api/client';
import { useLoad } from '../../shared/api/useLoad';
import { ErrorState, Loading } from '../../shared/states';
import { TrialView } from '../trial/TrialView';
import type { Trial, TrialHead, TrialRequest } from '../trial/types';

/** One trial on a page of its own. */
export function TrialPage(): ReactNode {
  const t = useTrialText();
  const id = Number(useParams().id);
  const navigate = useNavigate();
  const [failure, setFailure] = useState<Problem>();
  const loaded = useLoad((signal) => api.get<Trial>(`/trials/${String(id)}`, { signal }), `head-${String(id)}`);
  const restart = async (services: Trial['services']): Promise<void> => {
    if (!loaded.data) return;
    try {
      const made = await again(loaded.data, services);
      await navigate(`/trials/${String(made.id)}`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setFailure(error);
    }
  };
  return (
    <App>
      <div className="lb-page-head">
        <h1>{t('title', { name: loaded.data?.name ?? '' })}</h1>
        <Link to="/trials">{t('list.title')}</Link>
      </div>
      {failure ? <ErrorState problem={failure} /> : null}
      {loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : null}
      {loaded.data ? <TrialView key={id} id={id} onRestart={(services) => void restart(services)} /> : loaded.problem ? null : <Loading />}
    </App>
  );
}

/** A new trial of the same models; the old one goes. */
export async function again(trial: Trial, services: Trial['services']): Promise<TrialHead> {
  const resources = await Promise.all(
    trial.conversions.map(async (each) => ({
      name: each.resource,
      content: await api.get<string>(`/trials/${String(trial.id)}/definitions/${String(each.definitionId)}/xml`),
    })),
  );
  const made = await api.post<TrialHead>('/trials', { name: trial.name, resources, services } satisfies TrialRequest);
  await api.delete(`/trials/${String(trial.id)}`);
  return made;
}
