import type { ReactNode } from 'react';

import { Problem } from '../shared/api/client';
import { ErrorState } from '../shared/states';
import { useCaseText } from './language';

export function problemOf(error: unknown): Problem | null {
  return error instanceof Problem ? error : null;
}

/** A failed request told in place: what, what to do next, and again. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }): ReactNode {
  const { t } = useCaseText();
  const problem = problemOf(error) ?? new Problem({
    status: 0, code: 'unexpected', title: t('problem.unknown'), titleEn: t('problem.unknown'), detail: t('problem.unknownDetail'), detailEn: t('problem.unknownDetail'),
  });
  return <ErrorState problem={problem} {...(onRetry ? { onRetry } : {})} />;
}
