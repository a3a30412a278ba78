import { type ReactNode } from 'react';

import { useLanguage } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import type { Finding } from '../types';

interface Props {
  findings: Finding[] | null;
  stale: boolean;
  onSelect: (elementId: string) => void;
}

/** The same findings that deployment would give: errors first, a click shows the element. */
export function FindingsPanel({ findings, stale, onSelect }: Props): ReactNode {
  const t = useDesignerText();
  const errors = (findings ?? []).filter((finding) => finding.severity === 'error');
  const warnings = (findings ?? []).filter((finding) => finding.severity === 'warning');
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
          {[...errors, ...warnings].map((finding, index) => (
            <Row key={`${finding.rule}-${finding.elementId ?? ''}-${String(index)}`} finding={finding} onSelect={onSelect} />
          ))}
        </ol>
      ) : null}
    </section>
  );
}

function Row({ finding, onSelect }: { finding: Finding; onSelect: (elementId: string) => void }): ReactNode {
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
      {elementId ? (
        <button type="button" className="lb-link" onClick={() => onSelect(elementId)}>
          {elementId}
        </button>
      ) : null}
      {finding.line ? <span className="lb-faint">{t('findings.line', { n: finding.line })}</span> : null}
      <code className="lb-faint">{finding.rule}</code>
    </li>
  );
}
