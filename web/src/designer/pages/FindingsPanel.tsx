import { type ReactNode, useState } from 'react';

import { useLanguage } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import type { Finding } from '../types';

interface Props {
  findings: Finding[] | null;
  stale: boolean;
  isDrawn: (elementId: string) => boolean;
  onSelect: (elementId: string) => void;
}

/** How many findings are listed at first; a file that was never meant for us can have hundreds. */
const FIRST = 50;

/** The same findings that deployment would give: errors first, a click shows the element. */
export function FindingsPanel({ findings, stale, isDrawn, onSelect }: Props): ReactNode {
  const t = useDesignerText();
  const [all, setAll] = useState(false);
  const errors = (findings ?? []).filter((finding) => finding.severity === 'error');
  const warnings = (findings ?? []).filter((finding) => finding.severity === 'warning');
  const listed = [...errors, ...warnings];
  return (
    <section className="lb-findings" aria-label={t('findings.title')}>
      <p className="lb-findings-head" role="status">
        <strong>{t('findings.title')}</strong>
        {findings === null
          ? t('findings.unchecked')
          : findings.length === 0
            ? t('findings.none')
            : t('findings.count', { errors: errors.length, warnings: warnings.length })}
        {errors.length > 0 ? ` ${t('findings.blocked')}` : ''}
        {stale && findings !== null ? ` ${t('findings.stale')}` : ''}
      </p>
      {findings !== null && findings.length > 0 ? (
        <ol>
          {listed.slice(0, all ? undefined : FIRST).map((finding, index) => (
            <Row
              key={`${finding.rule}-${finding.elementId ?? ''}-${String(index)}`}
              finding={finding}
              isDrawn={isDrawn}
              onSelect={onSelect}
            />
          ))}
        </ol>
      ) : null}
      {!all && listed.length > FIRST ? (
        <button type="button" className="lb-link" onClick={() => setAll(true)}>
          {t('findings.showAll', { n: listed.length })}
        </button>
      ) : null}
    </section>
  );
}

interface RowProps {
  finding: Finding;
  isDrawn: (elementId: string) => boolean;
  onSelect: (elementId: string) => void;
}

function Row({ finding, isDrawn, onSelect }: RowProps): ReactNode {
  const t = useDesignerText();
  const { locale } = useLanguage();
  const { elementId } = finding;
  const hint = locale === 'zh' ? finding.hint : finding.hintEn;
  return (
    <li data-severity={finding.severity}>
      <span className="lb-findings-tag">{t(finding.severity === 'error' ? 'findings.error' : 'findings.warning')}</span>
      <span>
        {locale === 'zh' ? finding.message : finding.messageEn}
        {hint ? <span className="lb-soft"> {t('findings.hint', { text: hint })}</span> : null}
      </span>
      {elementId && isDrawn(elementId) ? (
        <button type="button" className="lb-link" onClick={() => onSelect(elementId)}>
          {elementId}
        </button>
      ) : null}
      {elementId && !isDrawn(elementId) ? <code>{elementId}</code> : null}
      {finding.line ? <span className="lb-faint">{t('findings.line', { n: finding.line })}</span> : null}
      <code className="lb-faint">{finding.rule}</code>
    </li>
  );
}
