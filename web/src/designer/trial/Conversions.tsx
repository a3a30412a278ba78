import { type ReactNode } from 'react';

import { useLanguage } from '../../i18n';
import { useTrialText } from '../../i18n/trial';
import type { Trial } from './types';

/** What the import of a foreign model changed, and what people must look at. */
export function Conversions({ trial }: { trial: Trial }): ReactNode {
  const t = useTrialText();
  const { locale } = useLanguage();
  const changes = trial.conversions.flatMap((conversion) => conversion.changes);
  if (changes.length === 0) return null;
  return (
    <details className="lb-trial-panel">
      <summary>
        <h2>{t('changes')}</h2>
        <span className="lb-trial-count">{changes.length}</span>
      </summary>
      <ul className="lb-trial-list">
        {changes.map((change, index) => (
          <li key={index} data-tone={change.kind === 'manual' ? 'bad' : undefined}>
            <strong>{t(`change.${change.kind}`)}</strong> {change.elementId ?? ''} {locale === 'en' ? change.messageEn : change.message}
          </li>
        ))}
      </ul>
    </details>
  );
}
