import { useState, type ReactElement } from 'react';

import type { components } from '../../api/schema';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { api } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { Loading } from '../../shared/states';
import { SelectFilter } from '../Filters';
import { useStaffText } from '../text';

type Assignee = components['schemas']['Assignee'];

interface DialogProps {
  taskId: string;
  onDone: () => void;
  onClose: () => void;
}

/** Gives the task back to everybody of its role. */
export function ReleaseDialog({ taskId, onDone, onClose }: DialogProps): ReactElement {
  const { t } = useStaffText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = (): void => {
    setBusy(true);
    api.post(`/tasks/${encodeURIComponent(taskId)}/release`).then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <Dialog title={t('task.releaseTitle')} okText={t('task.release')} cancelText={t('cancel')} onOk={send} onCancel={onClose} confirmLoading={busy} width={440}>
      <p>{t('task.releaseText')}</p>
      {error ? <ProblemNotice error={error} /> : null}
    </Dialog>
  );
}

/** Hands the task to one other person who may do it. */
export function AssignDialog({ taskId, onDone, onClose }: DialogProps): ReactElement {
  const { t } = useStaffText();
  const people = useResource<Assignee[] | { items: Assignee[] }>(`/tasks/${encodeURIComponent(taskId)}/assignees`);
  const list = Array.isArray(people.data) ? people.data : people.data?.items ?? [];
  const [chosen, setChosen] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const userId = chosen || String(list[0]?.id ?? '');
  const send = (): void => {
    setBusy(true);
    api.post(`/tasks/${encodeURIComponent(taskId)}/assign`, { userId: Number(userId) }).then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t('task.assignTitle')} okText={t('task.assignDo')} cancelText={t('cancel')} onOk={send} onCancel={onClose} confirmLoading={busy} width={440}
      okButtonProps={{ disabled: !userId }}
    >
      {people.error ? <ProblemNotice error={people.error} onRetry={people.reload} /> : null}
      {people.loading && !people.data ? <Loading rows={2} /> : null}
      {people.data && list.length === 0 ? <p>{t('task.assignEmpty')}</p> : null}
      {list.length > 0 ? (
        <SelectFilter
          label={t('task.assignLabel')} value={userId} onChange={setChosen}
          options={list.map((person) => ({ value: String(person.id), label: person.name }))}
        />
      ) : null}
      {error ? <ProblemNotice error={error} /> : null}
    </Dialog>
  );
}
