import { Checkbox } from 'antd';
import { type ReactNode, useState } from 'react';

import { moment } from '../../case/dates';
import { bracketed, type Locale } from '../../case/language';
import { useLanguage } from '../../i18n';
import { useTrialText } from '../../i18n/trial';
import type { TrialEvent } from './types';

const KINDS = [
  'entered', 'left', 'cancelled', 'taken', 'job.completed', 'job.failed', 'job.error', 'task.completed', 'task.error', 'task.escalation',
  'message.thrown', 'message.delivered', 'message.buffered', 'message.discarded', 'message.expired', 'message.blocked', 'message.external',
  'signal.sent', 'signal.thrown', 'signal.delivered', 'incident.opened', 'incident.retried', 'instance.started', 'instance.ended',
  'instance.cancelled', 'variables.set', 'adHoc.activated', 'deployed', 'clock.advanced',
] as const;
type Kind = (typeof KINDS)[number];
const FINE = new Set<string>(['left', 'taken', 'deployed']);

function kindOf(kind: string): Kind | undefined {
  return KINDS.find((each) => each === kind);
}

/** What happened, newest first. */
export function History({ events }: { events: TrialEvent[] }): ReactNode {
  const t = useTrialText();
  const { locale } = useLanguage();
  const [all, setAll] = useState(false);
  const shown = events.filter((event) => all || !FINE.has(event.kind)).reverse();
  return (
    <>
      <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>{t('history.all')}</Checkbox>
      <ol className="lb-trial-history" tabIndex={0} aria-label={t('history')} reversed>
        {shown.map((event) => (
          <li key={event.seq} data-kind={event.kind}>
            <time dateTime={event.at} className="lb-faint">{moment(event.at)}</time>
            <span>{told(event, t, locale)}</span>
            {event.instanceId === null ? null : <span className="lb-faint">{t('instance.number', { id: event.instanceId })}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}

function told(event: TrialEvent, t: ReturnType<typeof useTrialText>, locale: Locale): string {
  const kind = kindOf(event.kind);
  const name = event.data?.name ?? event.data?.resource ?? event.data?.code;
  const what = event.elementName || (event.elementId ?? (typeof name === 'string' ? name : ''));
  const more = event.elementId !== null && typeof name === 'string' ? bracketed(locale, name) : '';
  return `${kind ? t(`kind.${kind}`) : event.kind} ${what}${more}`;
}
