import { useEffect, useRef } from 'react';

import type { components } from '../../api/schema';
import { type Catalog, type Choice, emptyCatalog } from '../../bpmn/provider/catalog';
import type { Connections } from '../../bpmn/provider/connections';
import { bracketed } from '../../case/language';
import type { Locale } from '../../i18n';
import { api, Problem } from '../../shared/api/client';
import { type CodeRow, type CodeTables, type Many, rows } from '../types';

type FormRow = components['schemas']['FormRow'];
type PolicyRow = components['schemas']['PolicyRow'];

function choices(table: CodeRow[], locale: Locale): Choice[] {
  return table.map((row) => ({ value: row.code, label: `${locale === 'zh' ? row.name : row.nameEn}${bracketed(locale, row.code)}` }));
}

async function fetchCatalog(locale: Locale, signal: AbortSignal): Promise<Catalog> {
  const [tables, forms, policies, connections] = await Promise.all([
    api.get<CodeTables>('/code-tables', { signal }),
    api.get<Many<FormRow>>('/forms', { signal }).then(rows),
    api.get<Many<PolicyRow>>('/policies', { signal }).then(rows),
    api.get<Connections>('/design/connections', { signal }).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 403) return undefined; // who only looks at models chooses nothing
      throw error;
    }),
  ]);
  return {
    ...(connections === undefined ? {} : { connections }),
    statuses: choices(tables.statuses, locale),
    results: choices(tables.results, locale),
    documents: choices(tables.documents, locale),
    roles: choices(tables.roles, locale),
    stopReasons: choices(tables.stopReasons, locale),
    serviceTypes: choices(tables.serviceTypes, locale),
    flags: choices(tables.flags, locale),
    forms: forms.map((form) => ({ value: form.formId, label: `${form.title}${bracketed(locale, form.formId)}` })),
    policies: policies.map((policy) => ({
      value: policy.key,
      label: `${locale === 'zh' ? policy.name : policy.nameEn}${bracketed(locale, policy.value)}`,
    })),
  };
}

/** The choices of the properties panel; the panel reads `current` whenever an element is selected. */
export function useCatalog(locale: Locale): { current: Catalog } {
  const catalog = useRef<Catalog>(emptyCatalog);
  useEffect(() => {
    const control = new AbortController();
    fetchCatalog(locale, control.signal).then(
      (found) => {
        catalog.current = found;
      },
      () => {
        // Without choices the panel still shows and keeps every value as text.
      },
    );
    return () => control.abort();
  }, [locale]);
  return catalog;
}
