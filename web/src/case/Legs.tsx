import type { ReactElement } from 'react';

import { dueDay, moment } from './dates';
import { useCaseText } from './language';
import { StatusTag, Tag } from './tags';
import type { LegView } from './types';

const HUE: Record<number, string> = { 0: 'main', 1: 'partner', 2: 'third' };

function LegCard({ leg, index }: { leg: LegView; index: number }): ReactElement {
  const { t, pick } = useCaseText();
  return (
    <li className={`lb-leg lb-hue-${HUE[index] ?? 'fourth'}`}>
      <div className="lb-leg-head">
        <strong>{leg.siteName}</strong>
        <span className="lb-leg-role">{leg.participantName}</span>
        {leg.mine ? <Tag tone="info">{t('legs.mine')}</Tag> : null}
        <span className="lb-leg-status"><StatusTag status={leg.status} name={pick(leg.statusName, leg.statusNameEn) || t('legs.notStarted')} /></span>
      </div>
      {leg.caseNo ? <p className="lb-leg-no"><span>{t('legs.no')}</span> <span className="lb-number">{leg.caseNo}</span></p> : null}
      {leg.currentElements.length > 0 ? (
        <ul className="lb-leg-now" aria-label={t('legs.now')}>
          {leg.currentElements.map((element) => (
            <li key={`${element.id}-${element.since}`}>
              <span className="lb-leg-element">{element.name || element.id}</span>
              {element.performer ? <span>{element.performer}</span> : null}
              <span className="lb-faint">{t('legs.since', { at: moment(element.since) })}</span>
              {element.dueAt ? <span className="lb-faint">{t('legs.due', { date: dueDay(element.dueAt) })}</span> : null}
            </li>
          ))}
        </ul>
      ) : (
        <p className="lb-faint">{leg.endedAt ? t('legs.ended', { at: moment(leg.endedAt) }) : t('legs.nowNothing')}</p>
      )}
      {leg.sitePhone ? <p className="lb-faint">{t('legs.phone', { phone: leg.sitePhone })}</p> : null}
    </li>
  );
}

/** One card per site: its state, its own number, and in whose hands it is. */
export function Legs({ legs }: { legs: LegView[] }): ReactElement {
  return (
    <ul className="lb-legs">
      {legs.map((leg, index) => <LegCard key={leg.id} leg={leg} index={index} />)}
    </ul>
  );
}
