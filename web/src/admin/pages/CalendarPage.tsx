import { Form, Input, Modal, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { ProblemNotice } from '../../case/problem';
import { query, useResource } from '../../case/resource';
import { useAdminText } from '../../i18n/admin';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { Loading, Notice } from '../../shared/states';
import type { CalendarDayRow, CalendarYear, SiteRow } from '../types';
import { useAction } from '../useAction';

const NATIONAL = '000000';

/** Working days of a region and year: official arrangement, moved workdays, local changes. */
export function CalendarPage(): ReactNode {
  const t = useAdminText();
  const { session } = useSession();
  const thisYear = Number((session?.mode.now ?? '2026').slice(0, 4));
  const [region, setRegion] = useState(NATIONAL);
  const [year, setYear] = useState(thisYear);
  const [editing, setEditing] = useState<CalendarDayRow | null>(null);
  const calendar = useResource<CalendarYear>(`/admin/calendar${query({ region, year })}`);
  const sites = useResource<{ items: SiteRow[] } | SiteRow[]>('/admin/sites');
  const rows = sites.data === null ? [] : Array.isArray(sites.data) ? sites.data : sites.data.items;
  const regions = new Map(rows.map((site) => [site.regionCode, site.regionName]));
  return (
    <>
      <h1>{t('nav.calendar')}</h1>
      <div className="lb-filters">
        <Select aria-label={t('calendar.region')} className="lb-filter-select" value={region} onChange={setRegion} options={[{ value: NATIONAL, label: '全国' }, ...[...regions].map(([value, label]) => ({ value, label }))]} />
        <Select aria-label={t('calendar.year')} value={year} onChange={setYear} options={[-1, 0, 1].map((offset) => ({ value: thisYear + offset, label: String(thisYear + offset) }))} />
      </div>
      <ul className="lb-calendar-legend">
        {(['rest', 'holiday', 'adjusted', 'override'] as const).map((kind) => (
          <li key={kind} data-kind={kind}>{t(`calendar.${kind}`)}</li>
        ))}
      </ul>
      {calendar.error ? <ProblemNotice error={calendar.error} onRetry={calendar.reload} /> : null}
      {calendar.data?.provisional ? <Notice tone="warn">{t('calendar.provisional')}</Notice> : null}
      {calendar.data ? <Year days={calendar.data.days} onEdit={setEditing} /> : calendar.error ? null : <Loading />}
      {editing ? <DayDialog region={region} day={editing} onClose={() => setEditing(null)} onDone={calendar.reload} /> : null}
    </>
  );
}

function Year({ days, onEdit }: { days: CalendarDayRow[]; onEdit: (day: CalendarDayRow) => void }): ReactNode {
  const months = Array.from({ length: 12 }, (_, index) => days.filter((day) => Number(day.day.slice(5, 7)) === index + 1));
  return (
    <div className="lb-calendar">
      {months.map((month, index) => (
        <Month key={index} number={index + 1} days={month} onEdit={onEdit} />
      ))}
    </div>
  );
}

function Month({ number, days, onEdit }: { number: number; days: CalendarDayRow[]; onEdit: (day: CalendarDayRow) => void }): ReactNode {
  const t = useAdminText();
  const first = days[0];
  const blank = first ? (new Date(`${first.day}T00:00:00Z`).getUTCDay() + 6) % 7 : 0;
  const cells: (CalendarDayRow | null)[] = [...Array<null>(blank).fill(null), ...days];
  while (cells.length % 7 !== 0) cells.push(null);
  const weeks = Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
  return (
    <table>
      <caption>{t('calendar.month', { n: number })}</caption>
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

function Day({ day, onEdit }: { day: CalendarDayRow; onEdit: (day: CalendarDayRow) => void }): ReactNode {
  const t = useAdminText();
  const label = [day.day, t(`calendar.${day.kind}`), day.name ?? '', day.reason ?? ''].filter(Boolean).join(' ');
  return (
    <button type="button" data-kind={day.kind} aria-label={label} title={label} onClick={() => onEdit(day)}>
      {Number(day.day.slice(8))}
    </button>
  );
}

function DayDialog({ region, day, onClose, onDone }: { region: string; day: CalendarDayRow; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useAdminText();
  const [form] = Form.useForm<{ isWorkday: boolean; reason: string }>();
  const { busy, run } = useAction();
  const path = `/admin/calendar/${region}/${day.day}`;
  const finish = async (work: () => Promise<unknown>): Promise<void> => {
    if (await run(work, t('policies.saved'))) {
      onClose();
      onDone();
    }
  };
  return (
    <Modal open title={t('calendar.edit', { day: day.day })} okText={t('action.save')} cancelText={t('action.cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" initialValues={{ isWorkday: !day.isWorkday, reason: day.reason ?? '' }} onFinish={(values) => void finish(() => api.put(path, values))}>
        <Form.Item name="isWorkday" label={t('calendar.isWorkday')}>
          <Select options={[{ value: true, label: t('calendar.work') }, { value: false, label: t('calendar.rest') }]} />
        </Form.Item>
        <Form.Item name="reason" label={t('calendar.reason')} rules={[{ required: true, whitespace: true, message: t('policies.required') }]}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
      </Form>
      {day.kind === 'override' ? <button type="button" className="lb-link" onClick={() => void finish(() => api.delete(path))}>{t('action.delete')}</button> : null}
    </Modal>
  );
}
