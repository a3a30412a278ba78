import { useMemo, type ReactNode } from 'react';

import { FormData } from '../../case/FormData';
import { moment } from '../../case/dates';
import { useCaseText, type Locale } from '../../case/language';
import { useResource } from '../../case/resource';
import type { Page } from '../../case/types';
import { ValueText } from '../../forms/renderer';
import { bindingOf, own, type Component, type FormSchema, type Json } from '../../kernel';
import { useStaffText } from '../text';

export function ApplicationView({ formId, data }: { formId: string | null; data: Record<string, unknown> | null }): ReactNode {
  const { t } = useStaffText();
  if (!data) return <p className="lb-none">{t('case.noApplication')}</p>;
  return formId ? <FormData formId={formId} data={data} /> : <DataView data={data} known={NOTHING} />;
}

/** What is known of the values: the fields of the application form, the words of the data contract, the names of sites. */
interface Known {
  components: ReadonlyMap<string, Component>;
  names: Readonly<Record<string, string>>;
  sites: ReadonlyMap<string, string>;
}

const NOTHING: Known = { components: new Map(), names: {}, sites: new Map() };

/** Components by the name of the value they keep, at any depth. */
function componentsOf(components: readonly Component[], found = new Map<string, Component>()): ReadonlyMap<string, Component> {
  for (const component of components) {
    const key = bindingOf(component);
    if (key && !found.has(key)) found.set(key, component);
    if (component.components) componentsOf(component.components, found);
  }
  return found;
}

function labelOf(path: string, known: Known, locale: Locale): string {
  const key = path.split('.').pop() ?? path;
  const component = known.components.get(key);
  const english = component && locale === 'en' ? own(component, 'labelEn') : undefined;
  return english ?? known.names[path] ?? component?.label ?? component?.dateLabel ?? key;
}

interface ValueProps {
  value: unknown;
  path: string;
  known: Known;
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

function Value({ value, path, known }: ValueProps): ReactNode {
  const { t } = useCaseText();
  if (value === null || value === undefined || value === '') return <span className="lb-faint">{t('none')}</span>;
  if (Array.isArray(value)) {
    const entries: unknown[] = value;
    return <ol className="s-values">{entries.map((entry, index) => <li key={index}><Value value={entry} path={path} known={known} /></li>)}</ol>;
  }
  const component = known.components.get(path.split('.').pop() ?? path);
  const isAddress = typeof value === 'object' && 'region' in value && 'detail' in value;
  if (typeof value === 'string' && known.sites.has(value)) return known.sites.get(value);
  if (component && !component.components && (typeof value !== 'object' || isAddress)) return <ValueText component={component} value={value as Json} whole />;
  if (typeof value === 'object') return <DataView data={{ ...value }} known={known} path={`${path}.`} />;
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  if (typeof value === 'string') return MOMENT.test(value) ? moment(value) : value;
  return typeof value === 'number' ? String(value) : null;
}

/** Path, name and value of each row; a group without a name of its own stands open, as its rows. */
function rowsOf(data: Record<string, unknown>, known: Known, locale: Locale, path: string): [string, string, unknown][] {
  return Object.entries(data).flatMap(([key, value]): [string, string, unknown][] => {
    const at = path + key;
    const label = labelOf(at, known, locale);
    const nameless = label === key && typeof value === 'object' && value !== null && !Array.isArray(value) && !('region' in value);
    return nameless ? rowsOf({ ...value }, known, locale, `${at}.`) : [[at, label, value]];
  });
}

/** Values without a form of their own, with the best names known for them. */
function DataView({ data, known, path = '' }: { data: Record<string, unknown>; known: Known; path?: string }): ReactNode {
  const { locale } = useCaseText();
  return (
    <dl className="lb-facts">
      {rowsOf(data, known, locale, path).map(([at, label, value]) => (
        <div key={at}>
          <dt>{label}</dt>
          <dd><Value value={value} path={at} known={known} /></dd>
        </div>
      ))}
    </dl>
  );
}

interface ReceivedProps {
  itemCode: string | undefined;
  received: Record<string, unknown> | null;
  names: Record<string, string>;
}

/** What came to this site by message: only the fields of the data contract. */
export function ReceivedView({ itemCode, received, names }: ReceivedProps): ReactNode {
  const { t } = useCaseText();
  const item = useResource<{ applyFormId: string | null }>(itemCode ? `/items/${encodeURIComponent(itemCode)}` : null);
  const formId = item.data?.applyFormId ?? null;
  const form = useResource<{ schema: FormSchema }>(formId ? `/forms/${encodeURIComponent(formId)}` : null);
  const sites = useResource<Page<{ code: string; name: string }>>('/sites');
  const known = useMemo<Known>(() => ({
    components: componentsOf(form.data?.schema.components ?? []),
    names,
    sites: new Map((sites.data?.items ?? []).map((site) => [site.code, site.name])),
  }), [form.data, sites.data, names]);
  if (!received) return <p className="lb-none">{t('none')}</p>;
  return <DataView data={received} known={known} />;
}
