import { Button, Input, Space } from 'antd';
import { type ReactNode, useState } from 'react';

import { longDay, moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useAdminText } from '../../i18n/admin';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { Loading, Notice } from '../../shared/states';
import type { ClockState } from '../types';
import { useAction } from '../useAction';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The clock of a deployment in training mode. */
export function ClockPage(): ReactNode {
  const t = useAdminText();
  const clock = useResource<ClockState>('/clock');
  return (
    <>
      <h1>{t('nav.clock')}</h1>
      <p className="lb-soft">{t('clock.intro')}</p>
      {clock.error ? <ProblemNotice error={clock.error} onRetry={clock.reload} /> : null}
      {clock.data ? <Clock clock={clock.data} onChange={clock.put} /> : clock.error ? null : <Loading />}
    </>
  );
}

function Clock({ clock, onChange }: { clock: ClockState; onChange: (clock: ClockState) => void }): ReactNode {
  const t = useAdminText();
  const { locale } = useLanguage();
  const { refresh } = useSession();
  const { busy, run } = useAction();
  const [custom, setCustom] = useState('');
  if (!clock.training) return <Notice tone="warn">{t('clock.off')}</Notice>;
  const move = async (path: string, body?: object): Promise<void> => {
    await run(async () => {
      onChange(await api.post<ClockState>(path, body));
      await refresh();
    }, t('clock.done'));
  };
  const steps = [['1wd', 'clock.wd1'], ['3wd', 'clock.wd3'], ['5wd', 'clock.wd5'], ['PT4H', 'clock.h4']] as const;
  return (
    <div className="lb-clock-page">
      <p className="lb-clock-now">
        <span>{t('clock.now')}</span>
        <strong>
          {longDay(clock.now, locale)} {moment(clock.now).slice(-5)}
        </strong>
        <span className="lb-faint">{shift(clock.offsetSeconds, t)}</span>
      </p>
      <Space wrap>
        {steps.map(([by, label]) => (
          <Button key={by} loading={busy} onClick={() => void move('/clock/advance', { by })}>
            {t('clock.by')} {t(label)}
          </Button>
        ))}
        <Button type="primary" loading={busy} onClick={() => void move('/clock/advance', { to: 'next' })}>
          {t('clock.by')} {t('clock.next')}
        </Button>
      </Space>
      <form
        className="lb-clock-custom"
        onSubmit={(event) => {
          event.preventDefault();
          void move('/clock/advance', { by: custom.trim() });
        }}
      >
        <label htmlFor="clock-by">{t('clock.custom')}</label>
        <Input id="clock-by" value={custom} onChange={(event) => setCustom(event.target.value)} />
        <Button htmlType="submit" disabled={custom.trim() === ''} loading={busy}>
          {t('clock.go')}
        </Button>
      </form>
      <Button danger disabled={clock.offsetSeconds === 0} loading={busy} onClick={() => void move('/clock/reset')}>
        {t('clock.reset')}
      </Button>
    </div>
  );
}

function shift(seconds: number, t: ReturnType<typeof useAdminText>): string {
  if (seconds < HOUR) return t('clock.shiftNone');
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const parts = [days > 0 ? t('clock.days', { n: days }) : '', hours > 0 ? t('clock.hours', { n: hours }) : ''];
  return t('clock.shift', { n: parts.filter(Boolean).join(' ') });
}
