import { useEffect, useRef } from 'react';

import { type Catalog, type Choice, emptyCatalog } from '../../bpmn/provider/catalog';
import type { Locale } from '../../i18n';
import { api } from '../../shared/api/client';
import { type CodeTables, type Many, rows } from '../types';

interface FormRow {
  formId: string;
  title: string;
}
interface PolicyRow {
  key: string;
  name: string;
  nameEn: string;
  value: string;
}

function labelled(choices: Choice[] | undefined): Choice[] {
  return (choices ?? []).map(({ value, label }) => ({ value, label: `${label}（${value}）` }));
}

async function fetchCatalog(locale: Locale, signal: AbortSignal): Promise<Catalog> {
  const [tables, forms, policies] = await Promise.all([
    api.get<CodeTables>('/code-tables', { signal }),
    api.get<Many<FormRow>>('/forms', { signal }).then(rows),
    api.get<Many<PolicyRow>>('/policies', { signal }).then(rows),
  ]);
  return {
    statuses: labelled(tables.statuses),
    results: labelled(tables.results),
    documents: labelled(tables.documents),
    roles: labelled(tables.roles),
    stopReasons: labelled(tables.stopReasons),
    serviceTypes: labelled(tables.serviceTypes),
    forms: forms.map((form) => ({ value: form.formId, label: `${form.title}（${form.formId}）` })),
    policies: policies.map((policy) => ({
      value: policy.key,
      label: `${locale === 'zh' ? policy.name : policy.nameEn}（${policy.value}）`,
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
