import type { ReactElement } from 'react';

import { moment } from '../../case/dates';
import type { MyCase } from '../../case/types';
import { usePortalText } from '../text';
import { Section } from '../ui';

/** 现在由谁办理: the unit that has to act, with its office phone; never a person. */
export function ResponsiblePanel({ mine }: { mine: MyCase }): ReactElement | null {
  const { t } = usePortalText();
  if (mine.responsible.length === 0) return null;
  return (
    <Section title={t('case.responsible')}>
      <ul className="p-rows">
        {mine.responsible.map((unit) => (
          <li key={`${unit.kind}${unit.siteName}`}>
            <span>
              <strong>{unit.kind === 'applicant' ? t('case.responsibleYou') : unit.siteName}</strong>
              {unit.since ? <span className="p-hint"> {t('case.responsibleSince', { at: moment(unit.since) })}</span> : null}
            </span>
            {unit.phone ? (
              <span>
                <a href={`tel:${unit.phone.replace(/[^\d+]/g, '')}`}>{t('case.responsiblePhone', { phone: unit.phone })}</a>
                {unit.dutyTime ? <span className="p-hint"> {unit.dutyTime}</span> : null}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}
