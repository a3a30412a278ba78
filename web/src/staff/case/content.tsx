import { useMemo, type ReactNode } from 'react';

import { FormData } from '../../case/FormData';
import { useCaseText, type Locale } from '../../case/language';
import { useResource } from '../../case/resource';
import { ValueText } from '../../forms/renderer';
import { bindingOf, own, type Component, type FormSchema, type Json } from '../../kernel';
import { useStaffText } from '../text';

export function ApplicationView({ formId, data }: { formId: string | null; data: Record<string, unknown> | null }): ReactNode {
  const { t } = useStaffText();
  if (!data) return <p className="lb-none">{t('case.noApplication')}</p>;
  return formId ? <FormData formId={formId} data={data} /> : <DataView data={data} known={new Map()} />;
}

type Known = ReadonlyMap<string, Component>;

/** Components by the name of the value they keep, at any depth. */
function componentsOf(components: readonly Component[], found = new Map<string, Component>()): Known {
  for (const component of components) {
    const key = bindingOf(component);
    if (key && !found.has(key)) found.set(key, component);
    if (component.components) componentsOf(component.components, found);
  }
  return found;
}

function labelOf(key: string, known: Known, locale: Locale): string {
  const component = known.get(key);
  if (!component) return key;
  return (locale === 'en' ? own(component, 'labelEn') : undefined) ?? component.label ?? component.dateLabel ?? key;
}

function Value({ value, name, known }: { value: unknown; name: string; known: Known }): ReactNode {
  const { t } = useCaseText();
  if (value === null || value === undefined || value === '') return <span className="lb-faint">{t('none')}</span>;
  if (Array.isArray(value)) {
    const entries: unknown[] = value;
    return <ol className="s-values">{entries.map((entry, index) => <li key={index}><Value value={entry} name={name} known={known} /></li>)}</ol>;
  }
  const component = known.get(name);
  const isAddress = typeof value === 'object' && 'region' in value && 'detail' in value;
  if (component && !component.components && (typeof value !== 'object' || isAddress)) return <ValueText component={component} value={value as Json} whole />;
  if (typeof value === 'object') return <DataView data={{ ...value }} known={known} />;
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** Values without a form of their own, with the labels the application form has for them. */
export function DataView({ data, known }: { data: Record<string, unknown>; known: Known }): ReactNode {
  const { locale } = useCaseText();
  return (
    <dl className="lb-facts">
      {Object.entries(data).map(([key, value]) => (
        <div key={key}>
          <dt>{labelOf(key, known, locale)}</dt>
          <dd><Value value={value} name={key} known={known} /></dd>
        </div>
      ))}
    </dl>
  );
}

/** What came to this site by message: only the fields of the data contract. */
export function ReceivedView({ itemCode, received }: { itemCode: string | undefined; received: Record<string, unknown> | null }): ReactNode {
  const { t } = useCaseText();
  const item = useResource<{ applyFormId: string | null }>(itemCode ? `/items/${encodeURIComponent(itemCode)}` : null);
  const formId = item.data?.applyFormId ?? null;
  const form = useResource<{ schema: FormSchema }>(formId ? `/forms/${encodeURIComponent(formId)}` : null);
  const known = useMemo(() => componentsOf(form.data?.schema.components ?? []), [form.data]);
  if (!received) return <p className="lb-none">{t('none')}</p>;
  return <DataView data={received} known={known} />;
}
