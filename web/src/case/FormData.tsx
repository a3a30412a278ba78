import type { ReactNode } from 'react';

import { FormView } from '../forms/renderer';
import type { FormSchema, JsonObject } from '../kernel';
import { useSession } from '../shared/session';
import { Loading } from '../shared/states';
import { useCaseText } from './language';
import { ProblemNotice } from './problem';
import { useResource } from './resource';

/** Variables every form may read: the clock of the server and its zone. */
export function useFormContext(): JsonObject & { now: string } {
  const { session } = useSession();
  return { now: session?.mode.now ?? new Date().toISOString(), zone: 'Asia/Shanghai' };
}

/** Data that was entered in a form, shown with the labels of that form. */
export function FormData({ formId, data }: { formId: string | null; data: Record<string, unknown> | null }): ReactNode {
  const { t } = useCaseText();
  const context = useFormContext();
  const form = useResource<{ schema: FormSchema }>(formId ? `/forms/${encodeURIComponent(formId)}` : null);
  if (!data || !formId) return <p className="lb-none">{t('none')}</p>;
  if (form.error) return <ProblemNotice error={form.error} onRetry={form.reload} />;
  if (!form.data) return <Loading rows={6} />;
  return <FormView schema={form.data.schema} data={data as JsonObject} context={context} readOnly whole />;
}
