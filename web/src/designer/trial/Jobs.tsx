import { Button } from 'antd';
import { type ReactNode, useState } from 'react';

import { useTrialText } from '../../i18n/trial';
import { JsonField, readObject } from './JsonField';
import { Thrown } from './Tasks';
import type { TrialAdHoc, TrialIncident, TrialJob } from './types';
import type { Act } from './useTrial';

/** Service tasks that wait for their result. */
export function Jobs({ jobs, busy, act }: { jobs: TrialJob[]; busy: boolean; act: Act }): ReactNode {
  return (
    <ul className="lb-trial-list">
      {jobs.map((job) => <Job key={job.id} job={job} busy={busy} act={act} />)}
    </ul>
  );
}

function Job({ job, busy, act }: { job: TrialJob; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  const [text, setText] = useState('');
  const result = readObject(text);
  const path = `/jobs/${encodeURIComponent(job.id)}`;
  return (
    <li>
      <div className="lb-trial-row">
        <strong>{job.name || job.elementId}</strong>
        <span className="lb-faint">{t('instance.number', { id: job.instanceId })} · {job.type}</span>
      </div>
      {Object.keys(job.arguments).length > 0 ? <pre className="lb-trial-data">{JSON.stringify(job.arguments, null, 2)}</pre> : null}
      <div className="lb-trial-form">
        <JsonField label={t('jobs.result')} value={text} onChange={setText} rows={2} />
        <div className="lb-trial-row">
          <Button size="small" type="primary" disabled={busy || !result} onClick={() => void act('POST', `${path}/complete`, { variables: result })}>
            {t('jobs.complete')}
          </Button>
        </div>
        <Thrown path={path} kinds={['error', 'fail']} busy={busy} act={act} />
      </div>
    </li>
  );
}

/** Where instances stand still, and again. */
export function Incidents({ incidents, busy, act }: { incidents: TrialIncident[]; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  return (
    <ul className="lb-trial-list">
      {incidents.map((incident) => (
        <li key={incident.id} data-tone="bad">
          <div className="lb-trial-row">
            <strong>{incident.name || incident.elementId}</strong>
            <span className="lb-faint">{t('instance.number', { id: incident.instanceId })} · {incident.code}</span>
            <Button size="small" disabled={busy} onClick={() => void act('POST', `/incidents/${encodeURIComponent(incident.id)}/retry`)}>{t('incidents.retry')}</Button>
          </div>
          <p className="lb-trial-text">{incident.message}</p>
        </li>
      ))}
    </ul>
  );
}

/** Open ad-hoc sub-processes and what may be started in them. */
export function AdHocs({ adHocs, busy, act }: { adHocs: TrialAdHoc[]; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  return (
    <ul className="lb-trial-list">
      {adHocs.map((adHoc) => (
        <li key={adHoc.id} className="lb-trial-row">
          <strong>{adHoc.name || adHoc.elementId}</strong>
          <span className="lb-faint">{t('instance.number', { id: adHoc.instanceId })}</span>
          {adHoc.enabledElements.map((element) => (
            <Button key={element} size="small" disabled={busy} onClick={() => void act('POST', `/adhocs/${encodeURIComponent(adHoc.id)}/activate`, { elements: [element] })}>
              {t('adhocs.activate', { name: element })}
            </Button>
          ))}
        </li>
      ))}
    </ul>
  );
}
