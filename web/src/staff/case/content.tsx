import type { ReactNode } from 'react';

import { FormData } from '../../case/FormData';
import { useCaseText } from '../../case/language';
import { useStaffText } from '../text';

export function ApplicationView({ formId, data }: { formId: string | null; data: Record<string, unknown> | null }): ReactNode {
  const { t } = useStaffText();
  if (!data) return <p className="lb-none">{t('case.noApplication')}</p>;
  return formId ? <FormData formId={formId} data={data} /> : <DataView data={data} />;
}

type Labelled = { path?: string; name?: string; label?: string; value: unknown };

function isLabelled(value: unknown): value is Labelled {
  return typeof value === 'object' && value !== null && 'value' in value && ('label' in value || 'name' in value);
}

function Value({ value }: { value: unknown }): ReactNode {
  const { t } = useCaseText();
  if (value === null || value === undefined || value === '') return <span className="lb-faint">{t('none')}</span>;
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  if (Array.isArray(value)) {
    const entries: unknown[] = value;
    return entries.every((entry) => typeof entry !== 'object')
      ? entries.map(String).join('、')
      : <ol className="s-values">{entries.map((entry, index) => <li key={index}><Value value={entry} /></li>)}</ol>;
  }
  if (typeof value === 'object') return <DataView data={{ ...value }} />;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** Values without a form of their own, such as what another site sent. */
export function DataView({ data }: { data: Record<string, unknown> }): ReactNode {
  return (
    <dl className="lb-facts">
      {Object.entries(data).map(([key, value]) => (
        <div key={key}>
          <dt>{isLabelled(value) ? value.label ?? value.name : key}</dt>
          <dd><Value value={isLabelled(value) ? value.value : value} /></dd>
        </div>
      ))}
    </dl>
  );
}

/** What came to this site by message: only the fields of the data contract. */
export function ReceivedView({ received }: { received: Record<string, unknown> | Labelled[] | null }): ReactNode {
  const { t } = useCaseText();
  if (!received) return <p className="lb-none">{t('none')}</p>;
  if (Array.isArray(received)) {
    return (
      <dl className="lb-facts">
        {received.map((field, index) => <div key={index}><dt>{field.label ?? field.name ?? field.path}</dt><dd><Value value={field.value} /></dd></div>)}
      </dl>
    );
  }
  return <DataView data={received} />;
}
