import { Button, Input, Space } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { Link } from 'react-router';

import { longDay, moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useOperationsText } from '../../i18n/operations';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { Loading, Notice } from '../../shared/states';
import type { ClockState, Happening } from '../types';
import { useAction } from '../useAction';

const HOUR = 3600;
const DAY = 24 * HOUR;
const ASK_MS = 700;
/** Due work is asked for this often at most; a deployment without a scheduler would let us wait for ever. */
const MOST_ASKED = 60;

/** The clock of a deployment in training mode. */
export function ClockPage(): ReactNode {
  const t = useOperationsText();
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
  const t = useOperationsText();
  const { locale } = useLanguage();
  const { refresh } = useSession();
  const { busy, run } = useAction();
  const [custom, setCustom] = useState('');
  const [chosen, setChosen] = useState('');
  const [mark, setMark] = useState<number | null>(null);
  if (!clock.training) return <Notice tone="warn">{t('clock.off')}</Notice>;
  const move = async (path: string, body?: object): Promise<void> => {
    await run(async () => {
      const moved = await api.post<ClockState & { mark?: number }>(path, body);
      onChange(moved);
      setMark(moved.mark ?? null);
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
      <form
        className="lb-clock-custom"
        onSubmit={(event) => {
          event.preventDefault();
          void move('/clock/advance', { at: `${chosen}:00+08:00` });
        }}
      >
        <label htmlFor="clock-at">{t('clock.at')}</label>
        <input id="clock-at" className="ant-input lb-clock-at" type="datetime-local" value={chosen} onChange={(event) => setChosen(event.target.value)} />
        <Button htmlType="submit" disabled={chosen === ''} loading={busy}>
          {t('clock.go')}
        </Button>
      </form>
      {mark === null ? null : <Happened key={mark} mark={mark} />}
      <Coming key={`${clock.now}-${String(mark)}`} />
      <Button danger disabled={clock.offsetSeconds === 0} loading={busy} onClick={() => void move('/clock/reset')}>
        {t('clock.reset')}
      </Button>
    </div>
  );
}

/** What came of the last move: asked for until nothing due is left, on whatever node it is done. */
function Happened({ mark }: { mark: number }): ReactNode {
  const t = useOperationsText();
  const [asked, setAsked] = useState(0);
  const { data, error, reload } = useResource<{ waiting: number; items: Happening[] }>(`/clock/happened?mark=${String(mark)}`);
  const waiting = data?.waiting ?? 1;
  const goesOn = waiting > 0 && asked < MOST_ASKED && !error;
  useEffect(() => {
    if (!goesOn) return undefined;
    const timer = setTimeout(() => {
      setAsked((times) => times + 1);
      reload();
    }, ASK_MS);
    return () => clearTimeout(timer);
  }, [goesOn, asked, reload]);
  return (
    <section className="lb-clock-list" aria-live="polite" aria-busy={goesOn}>
      <h2>{t('clock.happened')}</h2>
      {error ? <ProblemNotice error={error} onRetry={reload} /> : null}
      {goesOn ? <p className="lb-soft">{t('clock.waiting', { n: waiting })}</p> : null}
      {!goesOn && waiting > 0 && !error ? <Notice tone="warn">{t('clock.stillWaiting', { n: waiting })}</Notice> : null}
      {data && !goesOn && data.items.length === 0 ? <p className="lb-soft">{t('clock.nothingHappened')}</p> : null}
      <Happenings items={data?.items ?? []} />
    </section>
  );
}

function Coming(): ReactNode {
  const t = useOperationsText();
  const { data, error, reload } = useResource<{ items: Happening[] }>('/clock/next');
  return (
    <section className="lb-clock-list">
      <h2>{t('clock.coming')}</h2>
      {error ? <ProblemNotice error={error} onRetry={reload} /> : null}
      {data?.items.length === 0 ? <p className="lb-soft">{t('clock.nothingComes')}</p> : null}
      <Happenings items={data?.items ?? []} />
    </section>
  );
}

function Happenings({ items }: { items: Happening[] }): ReactNode {
  const { locale } = useLanguage();
  return (
    <ol className="lb-clock-happenings">
      {items.map((each, index) => (
        <li key={`${each.at}-${String(index)}`}>
          <span className="lb-number">{moment(each.at)}</span> {locale === 'zh' ? each.title : each.titleEn}{' '}
          {each.caseNo ? <Link to={`/cases/${encodeURIComponent(each.caseNo)}`}>{each.caseNo}</Link> : null}
        </li>
      ))}
    </ol>
  );
}

function shift(seconds: number, t: ReturnType<typeof useOperationsText>): string {
  if (seconds < HOUR) return t('clock.shiftNone');
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const parts = [days > 0 ? t('clock.days', { n: days }) : '', hours > 0 ? t('clock.hours', { n: hours }) : ''];
  return t('clock.shift', { n: parts.filter(Boolean).join(' ') });
}
