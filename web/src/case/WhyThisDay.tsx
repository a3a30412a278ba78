import { type ReactElement, useId, useRef, useState } from 'react';

import { dueDay, longDay, longDueDay, moment, shortDay } from './dates';
import { type CaseTextKey, useCaseText } from './language';
import { policyValue } from './policyValue';
import { ProblemNotice } from './problem';
import { query, useResource } from './resource';

export interface WhyDay {
  day: string;
  number: number | null;
  kind: 'work' | 'adjusted' | 'weekend' | 'holiday' | 'local';
  name: string;
  nameEn: string;
  provisional: boolean;
}
export interface Why {
  literal: string;
  regionName: string;
  startedAt: string;
  effectiveStart: string;
  startMoved: '' | 'REST_DAY' | 'AFTER_HOURS';
  startName: string;
  startNameEn: string;
  officeEnd: string;
  workdays: number | null;
  total: number | null;
  usedBefore: number;
  extended: number;
  days: WhyDay[];
  provisional: boolean;
  dueAt: string | null;
  computedAt: string;
  agrees: boolean;
  policy: { name: string; nameEn: string; value: string; explanation: string; explanationEn: string } | null;
}

interface Props {
  caseNo: string;
  /** Which date: a clock of the case … */
  clock?: 'PROMISE' | 'STATUTORY';
  /** … or a leg's (staff) … */
  leg?: number;
  /** … or a task's. */
  task?: string;
  /** The applicant asks about an own case. */
  mine?: boolean;
}

/** “为什么是这一天”: a button that opens the whole count of a date. For every page that shows a due date. */
export function WhyThisDay({ caseNo, clock, leg, task, mine = false }: Props): ReactElement {
  const { t } = useCaseText();
  const dialog = useRef<HTMLDialogElement>(null);
  const [asked, setAsked] = useState(false);
  const heading = useId();
  const path = `${mine ? '/my' : ''}/cases/${encodeURIComponent(caseNo)}/why${query({ clock, leg, task })}`;
  return (
    <>
      <button type="button" className="lb-link lb-why-open" aria-haspopup="dialog" onClick={() => { setAsked(true); dialog.current?.showModal(); }}>
        {t('why.button')}
      </button>
      <dialog ref={dialog} className="lb-why" aria-labelledby={heading} onClose={() => setAsked(false)}>
        {asked ? <Answer path={path} heading={heading} /> : <h2 id={heading}>{t('why.button')}</h2>}
        <form method="dialog"><button className="lb-button">{t('why.close')}</button></form>
      </dialog>
    </>
  );
}

function Answer({ path, heading }: { path: string; heading: string }): ReactElement {
  const { t, locale } = useCaseText();
  const why = useResource<Why>(path);
  const due = why.data ? why.data.dueAt ?? why.data.computedAt : null;
  return (
    <>
      <h2 id={heading}>{due ? t('why.title', { date: longDueDay(due, locale) }) : t('why.button')}</h2>
      {why.error ? <ProblemNotice error={why.error} onRetry={why.reload} /> : null}
      {why.data ? <WhySteps why={why.data} /> : why.error ? null : <p role="status">{t('why.loading')}</p>}
    </>
  );
}

/** The steps of a count; also for places that have the answer already. */
export function WhySteps({ why }: { why: Why }): ReactElement {
  const { t, has, pick } = useCaseText();
  const unsure = why.days.filter((day) => day.provisional);
  return (
    <div className="lb-why-steps">
      <ol>
        <Start why={why} />
        {why.workdays === null ? <li>{t('why.literal', { literal: why.literal })}</li> : <Count why={why} />}
        {why.policy ? (
          <li>
            {t('why.policy', { name: pick(why.policy.name, why.policy.nameEn), value: policyValue(why.policy.value, t, has) })}
            <div className="lb-soft">{pick(why.policy.explanation, why.policy.explanationEn)}</div>
          </li>
        ) : null}
      </ol>
      {unsure[0] ? <p className="lb-why-warn">{t('why.provisional', { year: unsure[0].day.slice(0, 4), n: unsure.length })}</p> : null}
      {why.agrees ? null : <p className="lb-why-warn">{t('why.differs', { date: dueDay(why.computedAt) })}</p>}
      {why.days.length > 0 ? <Weeks why={why} /> : null}
      {why.days.length > 0 ? <NotCounted days={why.days} /> : null}
    </div>
  );
}

function bracket(name: string, locale: string): string {
  if (!name) return '';
  return locale === 'zh' ? `（${name}）` : ` (${name})`;
}

function Start({ why }: { why: Why }): ReactElement {
  const { t, locale, pick } = useCaseText();
  const start = longDay(why.effectiveStart, locale);
  const moved = why.startMoved === 'REST_DAY'
    ? t('why.restDay', { date: shortDay(why.startedAt), name: bracket(pick(why.startName, why.startNameEn), locale), start })
    : why.startMoved === 'AFTER_HOURS' ? t('why.afterHours', { end: why.officeEnd, start }) : '';
  const clock = why.total !== null && why.total !== why.workdays;
  return <li>{clock ? t('why.startedClock', { date: start }) : t('why.started', { at: moment(why.startedAt) })} {moved}</li>;
}

function Count({ why }: { why: Why }): ReactElement {
  const { t } = useCaseText();
  const n = why.workdays ?? 0;
  const parts = [
    why.total === null ? '' : t('why.total', { total: why.total }),
    why.extended > 0 ? t('why.extended', { n: why.extended }) : '',
    why.usedBefore > 0 ? t('why.used', { used: why.usedBefore, n }) : '',
    n > 0 ? t('why.count', { n }) : t('why.zero'),
  ];
  return <li>{parts.filter(Boolean).join(' ')}</li>;
}

/** What is said of a day: its place in the count, or why it has none. */
function useDayText(): (day: WhyDay) => string {
  const { t, locale, pick } = useCaseText();
  return (day) => {
    const key: CaseTextKey = day.kind === 'local' && day.number !== null ? 'why.day.localWork' : `why.day.${day.kind}`;
    return t(key, { n: day.number ?? '', name: bracket(pick(day.name, day.nameEn), locale) });
  };
}

function Weeks({ why }: { why: Why }): ReactElement {
  const { t, locale } = useCaseText();
  const say = useDayText();
  const cells: { day: string; mark: string; kind: string; text: string; provisional: boolean }[] = [
    { day: why.effectiveStart, mark: t('why.start'), kind: 'start', text: t('why.day.start'), provisional: false },
    ...why.days.map((day) => ({ day: day.day, mark: day.number === null ? t('why.rest') : String(day.number), kind: day.kind === 'local' ? (day.number === null ? 'holiday' : 'adjusted') : day.kind, text: say(day), provisional: day.provisional })),
  ];
  const blank = (new Date(`${why.effectiveStart}T00:00:00Z`).getUTCDay() + 6) % 7;
  const slots = [...Array<null>(blank).fill(null), ...cells];
  const rows = Array.from({ length: Math.ceil(slots.length / 7) }, (_, row) => slots.slice(row * 7, row * 7 + 7));
  return (
    <table className="lb-why-weeks">
      <caption>{t('why.calendar', { region: why.regionName })}</caption>
      <thead><tr>{t('why.weekdays').split(',').map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {Array.from({ length: 7 }, (_, column) => row[column] ?? null).map((cell, column) => (
              <td key={column} data-kind={cell?.kind} data-provisional={cell?.provisional || undefined} title={cell ? `${longDay(cell.day, locale)} ${cell.text}` : undefined}>
                {cell ? <><span className="lb-why-date">{cell.day.slice(5).replace('-', '/')}</span><span aria-hidden="true">{cell.mark}</span><span className="lb-visually-hidden">{cell.text}</span></> : null}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface Run { name: string; from: string; to: string; n: number }

/** Days in a row with the same name become one line. */
function runsOf(days: WhyDay[], nameOf: (day: WhyDay) => string): Run[] {
  const runs: Run[] = [];
  for (const day of days) {
    const name = nameOf(day);
    const last = runs.at(-1);
    const follows = last && Date.parse(day.day) - Date.parse(last.to) === 86_400_000;
    if (follows && last.name === name) {
      last.to = day.day;
      last.n += 1;
    } else {
      runs.push({ name, from: day.day, to: day.day, n: 1 });
    }
  }
  return runs;
}

function NotCounted({ days }: { days: WhyDay[] }): ReactElement | null {
  const { t, pick } = useCaseText();
  const off = days.filter((day) => day.number === null && day.kind !== 'weekend');
  const weekends = days.filter((day) => day.number === null && day.kind === 'weekend').length;
  const special = days.filter((day) => day.number !== null && (day.kind === 'adjusted' || day.kind === 'local'));
  if (off.length + weekends + special.length === 0) return null;
  const runs = runsOf(off, (day) => pick(day.name, day.nameEn) || t(day.kind === 'local' ? 'why.localRest' : 'why.unnamed'));
  return (
    <>
      <h3>{t('why.skipped')}</h3>
      <ul>
        {runs.map((run) => <li key={run.from}>{run.n > 1 ? t('why.range', { from: run.from, to: run.to, name: run.name, n: run.n }) : t('why.single', { from: run.from, name: run.name })}</li>)}
        {weekends > 0 ? <li>{t('why.weekends', { n: weekends })}</li> : null}
        {special.map((day) => <li key={day.day}>{t(day.kind === 'local' ? 'why.localWork' : 'why.adjusted', { day: day.day })}</li>)}
      </ul>
    </>
  );
}
