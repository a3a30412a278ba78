import type { ReactElement } from 'react';

import { moment, shortDay } from '../../case/dates';
import type { MyCase } from '../../case/types';
import { usePortalText, type PortalTextKey } from '../text';
import { Section } from '../ui';

/** Progress over both sites: which step is done, which runs, where. */
export function ProgressPanel({ mine }: { mine: MyCase }): ReactElement | null {
  const { t } = usePortalText();
  if (mine.steps.length === 0) return null;
  return (
    <Section title={t('case.progress')}>
      <ol className="p-progress">
        {mine.steps.map((step) => (
          <li key={step.key} className={`p-step-${step.state}`} aria-current={step.state === 'current' ? 'step' : undefined}>
            <span className="p-step-mark" aria-hidden="true" />
            <span className="p-step-title">{step.title}</span>
            <span className="p-hint">
              {[step.siteName, t(`case.step.${step.state}` as PortalTextKey), shortDay(step.at)].filter(Boolean).join(' · ')}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** What happened, newest first, in plain words. */
export function EventsPanel({ mine }: { mine: MyCase }): ReactElement {
  const { t, pick } = usePortalText();
  const events = [...mine.events].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <Section title={t('case.events')}>
      {events.length === 0 ? <p>{t('case.noEvents')}</p> : null}
      <ol className="p-events">
        {events.map((event, index) => (
          <li key={`${event.at}-${String(index)}`}>
            <p><strong>{pick(event.title, event.titleEn)}</strong></p>
            {event.text ? <p>{event.text}</p> : null}
            <p className="p-hint"><time dateTime={event.at}>{moment(event.at)}</time>{event.siteName ? ` · ${event.siteName}` : ''}</p>
          </li>
        ))}
      </ol>
    </Section>
  );
}
