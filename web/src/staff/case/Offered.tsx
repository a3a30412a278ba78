import { Button } from 'antd';
import { useState, type ReactElement } from 'react';

import { useActionKey } from '../../case/action';
import { ProblemNotice } from '../../case/problem';
import { Tag } from '../../case/tags';
import type { CaseDetail, OfferedElement, OfferedView } from '../../case/types';
import { api } from '../../shared/api/client';
import { Notice } from '../../shared/states';
import { useStaffText } from '../text';

interface OfferedProps {
  detail: CaseDetail;
  onChanged: () => void;
}

/** 可启动的环节: what this person may start in the open ad-hoc sub-processes, as often as needed. */
export function Offered({ detail, onChanged }: OfferedProps): ReactElement | null {
  const { t, pick } = useStaffText();
  const { keyOf, answered } = useActionKey();
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [started, setStarted] = useState<string | null>(null);
  if (detail.offered.length === 0 && !started && !error) return null;
  const start = async (group: OfferedView, element: OfferedElement): Promise<void> => {
    const body = { adHocId: group.adHocId, elementIds: [element.id] };
    setBusy(group.adHocId + element.id);
    setError(null);
    setStarted(null);
    try {
      await api.post(`/cases/${encodeURIComponent(detail.summary.caseNo)}/legs/${String(group.legId)}/activate`, body, { idempotencyKey: keyOf(body) });
      answered();
      setStarted(element.name);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(null);
      onChanged();
    }
  };
  return (
    <section className="s-block">
      <h2>{t('offered.title')}</h2>
      <p className="lb-faint">{t('offered.hint')}</p>
      {error ? <ProblemNotice error={error} /> : null}
      {started ? <Notice tone="good">{t('offered.done', { name: started })}</Notice> : null}
      {detail.offered.map((group) => (
        <div key={`${String(group.legId)} ${group.adHocId}`} className="s-offered">
          <h3>{group.number === null ? group.name : t('offered.number', { name: group.name, n: group.number })}</h3>
          <ul className="s-plain">
            {group.elements.map((element) => (
              <li key={element.id}>
                <Button size="small" loading={busy === group.adHocId + element.id} disabled={busy !== null} onClick={() => void start(group, element)}>
                  {t('offered.start', { name: element.name })}
                </Button>
                {element.roleName ? <span className="lb-faint">{pick(element.roleName, element.roleNameEn)}</span> : null}
                {element.running ? <Tag tone="info">{t('offered.running')}</Tag> : null}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
