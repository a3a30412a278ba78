import { Button, Form, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { useSearchParams } from 'react-router';

import { ProblemNotice } from '../../case/problem';
import { query, useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useDeadlineText } from '../../i18n/deadlines';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { ErrorState, Loading, Notice } from '../../shared/states';
import { Confirmed } from '../../shared/Confirmed';
import { Dialog } from '../../shared/Dialog';
import { Preview } from '../deadlines/Preview';
import { Progress } from '../deadlines/Progress';
import { PublishDialog } from '../deadlines/PublishDialog';
import type { CalendarDay, CalendarYear, DatesPreview, Version } from '../deadlines/shapes';
import { Versions } from '../deadlines/Versions';
import type { SiteRow } from '../types';
import { useAction } from '../useAction';

const NATION = 'CN';
const MOST_YEARS_AWAY = 2;

/** Working days of a region and year: where they come from, versions, publishing, single days, and what moves by a change. */
export function CalendarPage(): ReactNode {
  const t = useDeadlineText();
  const { session } = useSession();
  const thisYear = Number((session?.mode.now ?? '2026').slice(0, 4));
  const [region, setRegion] = useState(NATION);
  const [search] = useSearchParams();
  const asked = Number(search.get('year'));
  const [year, setYear] = useState(Math.abs(asked - thisYear) <= MOST_YEARS_AWAY ? asked : thisYear);
  const [editing, setEditing] = useState<CalendarDay | null>(null);
  const [publishing, setPublishing] = useState(false);
  const [turn, setTurn] = useState(0);
  const path = `/admin/calendars/${region}/${year}`;
  const calendar = useResource<CalendarYear>(`/admin/calendar${query({ region, year })}`);
  const versions = useResource<{ items: Version[] }>(`${path}/versions`);
  const sites = useResource<{ items: SiteRow[] }>('/admin/sites');
  const regions = new Map((sites.data?.items ?? []).map((site) => [site.regionCode, site.regionName]));
  const regionName = region === NATION ? t('calendar.scopeNation') : regions.get(region) ?? region;
  const again = (): void => {
    calendar.reload();
    versions.reload();
    setTurn((value) => value + 1);
  };
  const mayEdit = calendar.data?.mayEdit ?? false;
  return (
    <>
      <h1>{t('nav.calendar')}</h1>
      <div className="lb-filters">
        <Select aria-label={t('calendar.region')} className="lb-filter-select" value={region} onChange={setRegion} options={[{ value: NATION, label: t('calendar.scopeNation') }, ...[...regions].map(([value, label]) => ({ value, label }))]} />
        <Select aria-label={t('calendar.year')} value={year} onChange={setYear} options={[-2, -1, 0, 1, 2].map((offset) => ({ value: thisYear + offset, label: String(thisYear + offset) }))} />
        {mayEdit ? <Button type="primary" onClick={() => setPublishing(true)}>{t('calendar.publish')}</Button> : null}
      </div>
      {calendar.error ? <ProblemNotice error={calendar.error} onRetry={calendar.reload} /> : null}
      {calendar.data ? <Origin calendar={calendar.data} /> : null}
      {calendar.data?.provisional ? <Notice tone="warn">{t('calendar.provisional')}</Notice> : null}
      {calendar.data ? <Legend /> : null}
      {calendar.data ? <Year days={calendar.data.days} onEdit={mayEdit ? setEditing : null} /> : calendar.error ? null : <Loading />}
      <Progress turn={turn} />
      <Versions path={path} versions={versions} mayEdit={mayEdit} onDone={again} />
      {editing ? <DayDialog region={region} day={editing} onClose={() => setEditing(null)} onDone={again} /> : null}
      {publishing ? <PublishDialog path={path} title={`${t('calendar.publish')} · ${regionName} ${year}`} onClose={() => setPublishing(false)} onDone={again} /> : null}
    </>
  );
}

function Legend(): ReactNode {
  const t = useDeadlineText();
  return (
    <ul className="lb-calendar-legend">
      {(['rest', 'holiday', 'adjusted', 'override'] as const).map((kind) => (
        <li key={kind} data-kind={kind}>{t(`calendar.${kind}`)}</li>
      ))}
    </ul>
  );
}

function Origin({ calendar }: { calendar: CalendarYear }): ReactNode {
  const t = useDeadlineText();
  const { origin, source, number, version, overridesShipped } = calendar.source;
  return (
    <p className="lb-soft">
      {t(`calendar.origin.${origin}`, { source, number, version: version ?? '' })} · {t('calendar.workdays', { n: calendar.workdays })}
      {overridesShipped ? <> · {t('calendar.overridesShipped')}</> : null}
    </p>
  );
}

type Edit = ((day: CalendarDay) => void) | null;

function Year({ days, onEdit }: { days: CalendarDay[]; onEdit: Edit }): ReactNode {
  const months = Array.from({ length: 12 }, (_, index) => days.filter((day) => Number(day.day.slice(5, 7)) === index + 1));
  return (
    <div className="lb-calendar">
      {months.map((month, index) => (
        <Month key={index} number={index + 1} days={month} onEdit={onEdit} />
      ))}
    </div>
  );
}

const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' });

function Month({ number, days, onEdit }: { number: number; days: CalendarDay[]; onEdit: Edit }): ReactNode {
  const t = useDeadlineText();
  const { locale } = useLanguage();
  const first = days[0];
  const blank = first ? (new Date(`${first.day}T00:00:00Z`).getUTCDay() + 6) % 7 : 0;
  const cells: (CalendarDay | null)[] = [...Array<null>(blank).fill(null), ...days];
  while (cells.length % 7 !== 0) cells.push(null);
  const weeks = Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
  return (
    <table>
      <caption>{locale === 'en' ? MONTH.format(new Date(Date.UTC(2000, number - 1))) : t('calendar.month', { n: number })}</caption>
      <thead>
        <tr>{t('calendar.weekdays').split(',').map((name) => <th key={name} scope="col">{name}</th>)}</tr>
      </thead>
      <tbody>
        {weeks.map((week, index) => (
          <tr key={index}>{week.map((day, column) => <td key={column}>{day ? <Day day={day} onEdit={onEdit} /> : null}</td>)}</tr>
        ))}
      </tbody>
    </table>
  );
}

function Day({ day, onEdit }: { day: CalendarDay; onEdit: Edit }): ReactNode {
  const t = useDeadlineText();
  const label = [day.day, t(`calendar.${day.kind}`), day.name, day.reason].filter(Boolean).join(' ');
  const number = Number(day.day.slice(8));
  if (!onEdit) return <span className="lb-day" data-kind={day.kind} data-provisional={day.provisional || undefined} title={label}>{number}<span className="lb-visually-hidden"> {label}</span></span>;
  return (
    <button type="button" className="lb-day" data-kind={day.kind} data-provisional={day.provisional || undefined} aria-label={label} title={label} onClick={() => onEdit(day)}>
      {number}
    </button>
  );
}

function DayDialog({ region, day, onClose, onDone }: { region: string; day: CalendarDay; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useDeadlineText();
  const [form] = Form.useForm<{ isWorkday: boolean; reason: string }>();
  const { busy, problem, run } = useAction(true);
  const [preview, setPreview] = useState<DatesPreview | null>(null);
  const path = `/admin/calendar/${region}/${day.day}`;
  const finish = async (work: () => Promise<unknown>): Promise<void> => {
    if (await run(work, t('calendar.done'))) {
      onClose();
      onDone();
    }
  };
  const attempt = (isWorkday: boolean | null): Promise<boolean> => run(async () => {
    setPreview(await api.post<DatesPreview>(`${path}/preview`, { isWorkday }, { reads: true }));
  }, t('calendar.step'));
  const own = day.kind === 'override' && day.setBy === region;
  return (
    <Dialog width={760} title={t('calendar.edit', { day: day.day })} okText={t('action.save')} cancelText={t('action.cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      {problem ? <ErrorState problem={problem} /> : null}
      <Form form={form} layout="vertical" initialValues={{ isWorkday: !day.isWorkday, reason: day.reason }} onValuesChange={() => setPreview(null)} onFinish={(values) => void finish(() => api.put(path, values))}>
        <Form.Item name="isWorkday" label={t('calendar.isWorkday')}>
          <Select options={[{ value: true, label: t('calendar.work') }, { value: false, label: t('calendar.rest') }]} />
        </Form.Item>
        <Form.Item name="reason" label={t('calendar.why')} rules={[{ required: true, whitespace: true, message: t('policies.required') }]}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
      </Form>
      <Button onClick={() => void attempt(form.getFieldValue('isWorkday') as boolean)} loading={busy}>{t('calendar.try')}</Button>
      {own ? <> <Confirmed ask={t('calendar.takeBackSure', { day: day.day })} verb={t('calendar.takeBack')} danger loading={busy} onConfirm={() => void finish(() => api.delete(path))}>{t('calendar.takeBack')}</Confirmed></> : null}
      {preview ? <Preview preview={preview} /> : null}
    </Dialog>
  );
}
