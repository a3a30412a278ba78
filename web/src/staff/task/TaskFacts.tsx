import { useState, type ReactElement, type ReactNode } from 'react';

import { CaseSummary } from '../../case/CaseSummary';
import { Ladder } from '../../case/Ladder';
import { useCaseText } from '../../case/language';
import { Materials } from '../../case/Materials';
import { Notices } from '../../case/Notices';
import { ProblemNotice } from '../../case/problem';
import type { Resource } from '../../case/resource';
import type { CaseDetail, LadderStepView, TaskDetail } from '../../case/types';
import { api } from '../../shared/api/client';
import { ApplicationView, ReceivedView } from '../case/content';
import { DocumentList } from '../case/tabs';
import { useStaffText } from '../text';

function Part({ title, open = false, children }: { title: string; open?: boolean; children: ReactNode }): ReactElement {
  return (
    <details className="s-part" open={open}>
      <summary><h2>{title}</h2></summary>
      {children}
    </details>
  );
}

interface TaskFactsProps {
  detail: TaskDetail;
  whole: Resource<CaseDetail>;
}

/** What one must know to do the task: the case, what was applied for or received, materials, notices, urges, documents. */
export function TaskFacts({ detail, whole }: TaskFactsProps): ReactElement {
  const { t } = useStaffText();
  const { t: c } = useCaseText();
  const [error, setError] = useState<unknown>(null);
  const view = whole.data;
  const notices = detail.supplement.notices;
  const answer = async (step: LadderStepView, text: string): Promise<void> => {
    setError(null);
    try {
      await api.post(`/ladder/${String(step.id)}/answer`, { answer: text });
      whole.reload();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <aside className="s-facts" aria-label={t('task.facts')}>
      {view && view.ladder.length > 0 ? (
        <Part title={c('ladder.heading')} open={view.ladder.some((step) => !step.answer && step.mayAnswer)}>
          {error ? <ProblemNotice error={error} /> : null}
          <Ladder steps={view.ladder} onAnswer={answer} />
        </Part>
      ) : null}
      {notices.length > 0 ? <Part title={t('task.notices', { n: notices.length })} open><Notices notices={notices} /></Part> : null}
      {view?.application ? <Part title={t('task.application')} open><ApplicationView formId={view.applyFormId} data={view.application} /></Part> : null}
      {view?.received ? <Part title={t('task.received')} open><ReceivedView itemCode={detail.task.itemCode} received={view.received} names={view.receivedNames} /></Part> : null}
      {detail.materials.length > 0 ? <Part title={`${c('materials.heading')} ${String(detail.materials.length)}`} open><Materials materials={detail.materials} /></Part> : null}
      {detail.case ? <Part title={c('summary.heading')} open><CaseSummary summary={view?.summary ?? detail.case} /></Part> : null}
      {view && view.documents.length > 0 ? <Part title={t('task.documents')}><DocumentList caseNo={detail.task.caseNo} documents={view.documents} /></Part> : null}
      {whole.error ? <ProblemNotice error={whole.error} onRetry={whole.reload} /> : null}
    </aside>
  );
}
