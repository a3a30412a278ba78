import type { CSSProperties, ReactElement } from 'react';

import { moment } from './dates';
import { useCaseText } from './language';
import type { Timeline, TimelineEvent, TimelineLane } from './types';

const HUES = ['main', 'partner', 'third', 'fourth'] as const;

function hueOf(index: number): string {
  return HUES[index] ?? 'fourth';
}

interface RowProps {
  event: TimelineEvent;
  lanes: TimelineLane[];
}

function columnOf(lanes: TimelineLane[], legId: number | null | undefined): number {
  return lanes.findIndex((lane) => lane.legId === legId);
}

/** A message: one arrow from the column of its sender to that of its receiver. */
function MessageRow({ event, lanes }: RowProps): ReactElement {
  const { t, pick } = useCaseText();
  const from = columnOf(lanes, event.fromLegId ?? event.legId);
  const to = columnOf(lanes, event.toLegId);
  const known = from >= 0 && to >= 0 && from !== to;
  const left = known ? Math.min(from, to) : Math.max(from, to, 0);
  const right = known ? Math.max(from, to) : left;
  const place = { gridColumn: `${String(left + 2)} / ${String(right + 3)}`, '--lb-span': right - left + 1 } as CSSProperties;
  const fromName = lanes[from]?.siteName ?? t('timeline.platform');
  const toName = lanes[to]?.siteName ?? t('timeline.platform');
  const direction = known ? (from < to ? ' lb-arrow-right' : ' lb-arrow-left') : '';
  return (
    <div className={`lb-event lb-event-message lb-hue-${hueOf(Math.max(from, 0))}${direction}`} style={place}>
      <p className="lb-event-title">{pick(event.title, event.titleEn)}</p>
      <p className="lb-event-route">{t('timeline.message', { from: fromName, to: toName })}</p>
      {known ? <span className="lb-arrow" aria-hidden="true" /> : null}
    </div>
  );
}

function noteOf(event: TimelineEvent): string | null {
  const note = event.data['note'] ?? event.data['reason'] ?? event.data['opinion'];
  return typeof note === 'string' && note.trim() !== '' ? note : null;
}

function EventRow({ event, lanes }: RowProps): ReactElement {
  const { pick } = useCaseText();
  const column = columnOf(lanes, event.legId);
  const lane = lanes[column];
  const place: CSSProperties = column >= 0 ? { gridColumn: String(column + 2) } : { gridColumn: '2 / -1' };
  const note = noteOf(event);
  return (
    <div className={`lb-event lb-event-${event.tone} lb-hue-${column >= 0 ? hueOf(column) : 'none'}`} style={place}>
      {lane ? <p className="lb-event-site">{lane.siteName}</p> : null}
      <p className="lb-event-title">{pick(event.title, event.titleEn)}</p>
      {event.actorName || (event.elementName && event.elementName !== event.title) ? (
        <p className="lb-event-by">{[event.elementName !== event.title ? event.elementName : null, event.actorName].filter(Boolean).join(' · ')}</p>
      ) : null}
      {note ? <p className="lb-event-note">{note}</p> : null}
    </div>
  );
}

function isMessage(event: TimelineEvent): boolean {
  return typeof event.fromLegId === 'number' || typeof event.toLegId === 'number';
}

const ROUTINE = new Set([
  'task.opened', 'task.claimed', 'task.released', 'task.assigned', 'status.changed', 'timer.fired', 'message.acknowledged', 'message.delivered', 'message.received',
  'message.replayed', 'signal.thrown', 'return.passed', 'material.supplied', 'clock.receive',
]);

/** Is this more than a routine step? Lists may leave out the routine until somebody asks for all. */
export function isKeyEvent(event: TimelineEvent): boolean {
  return !ROUTINE.has(event.kind) || event.tone === 'warn' || event.tone === 'bad';
}

/** The joint timeline: one column per site, messages as arrows between columns; in the DOM an ordered list. */
export function TimelineLanes({ timeline, newestFirst = false }: { timeline: Timeline; newestFirst?: boolean }): ReactElement {
  const { t, pick } = useCaseText();
  const { lanes } = timeline;
  const events = newestFirst ? [...timeline.events].reverse() : timeline.events;
  if (events.length === 0) return <p className="lb-none">{t('timeline.empty')}</p>;
  const columns: CSSProperties = { gridTemplateColumns: `8.5em repeat(${String(Math.max(lanes.length, 1))}, minmax(0, 1fr))` };
  return (
    <div className="lb-timeline">
      <div className="lb-timeline-heads" style={columns}>
        <span />
        {lanes.map((lane, index) => (
          <div key={lane.legId} className={`lb-lane-head lb-hue-${hueOf(index)}`}>
            <strong>{lane.siteName}</strong>
            <span>{pick(lane.roleName, lane.roleNameEn)}</span>
          </div>
        ))}
      </div>
      <ol className="lb-timeline-rows">
        {events.map((event) => (
          <li key={event.id} className="lb-timeline-row" style={columns}>
            <time className="lb-event-time" dateTime={event.at}>{moment(event.at)}</time>
            {lanes.map((lane, index) => (
              <span key={lane.legId} className={`lb-lane-line lb-hue-${hueOf(index)}`} style={{ gridColumn: String(index + 2) }} aria-hidden="true" />
            ))}
            {isMessage(event) ? <MessageRow event={event} lanes={lanes} /> : <EventRow event={event} lanes={lanes} />}
          </li>
        ))}
      </ol>
    </div>
  );
}
