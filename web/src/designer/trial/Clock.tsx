import { Button, Input } from 'antd';
import { type ReactNode, useState } from 'react';

import { moment } from '../../case/dates';
import { useTrialText } from '../../i18n/trial';
import type { Trial } from './types';
import type { Act } from './useTrial';

/** The trial's clock: it stands until it is moved. */
export function Clock({ trial, busy, act }: { trial: Trial; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  const [by, setBy] = useState('');
  const advance = (body: object): void => void act('POST', '/clock/advance', body);
  return (
    <>
      <p>
        {t('clock.now')} <strong>{moment(trial.now)}</strong> <span className="lb-faint">{t('clock.stands')}</span>
      </p>
      {trial.timers.length === 0 ? <p className="lb-faint">{t('clock.none')}</p> : (
        <ul className="lb-trial-list">
          {trial.timers.map((timer) => (
            <li key={`${String(timer.instanceId)}-${timer.elementId}-${timer.dueAt}`} className="lb-trial-row">
              <span>{timer.name || timer.elementId}</span>
              <span className="lb-faint">
                {moment(timer.dueAt)} · {timer.instanceId === null ? t('clock.starts') : t('instance.number', { id: timer.instanceId })}
              </span>
            </li>
          ))}
        </ul>
      )}
      <form className="lb-trial-row" onSubmit={(event) => { event.preventDefault(); if (by.trim()) advance({ by: by.trim() }); }}>
        <Button size="small" type="primary" disabled={busy || trial.nextDueAt === null} onClick={() => advance({ to: 'next' })}>{t('clock.next')}</Button>
        <Input size="small" value={by} aria-label={t('clock.by')} placeholder="PT4H · P2D · 5wd" onChange={(event) => setBy(event.target.value)} />
        <Button size="small" htmlType="submit" disabled={busy || by.trim() === ''}>{t('clock.go')}</Button>
      </form>
    </>
  );
}
