import { Button, Input } from 'antd';
import { type ReactNode, useState } from 'react';

import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import type { Resource } from '../../case/resource';
import { useDeadlineText } from '../../i18n/deadlines';
import { api } from '../../shared/api/client';
import { ErrorState, Loading } from '../../shared/states';
import { Dialog } from '../../shared/Dialog';
import { useAction } from '../useAction';
import type { Version } from './shapes';

interface Props {
  path: string;
  versions: Resource<{ items: Version[] }>;
  mayEdit: boolean;
  onDone: () => void;
}

/** Every version of the year: who, when, why, what it changed; an old one can be brought back. */
export function Versions({ path, versions, mayEdit, onDone }: Props): ReactNode {
  const t = useDeadlineText();
  const [chosen, setChosen] = useState<number | null>(null);
  const rows = versions.data?.items ?? [];
  const current = rows.find((row) => row.inForce);
  return (
    <section>
      <h2>{t('calendar.versions')}</h2>
      {versions.error ? <ProblemNotice error={versions.error} onRetry={versions.reload} /> : null}
      {!versions.data && versions.loading ? <Loading rows={2} /> : null}
      {versions.data && rows.length === 0 ? <p className="lb-soft">{t('calendar.noVersions')}</p> : null}
      <ol className="lb-versions">
        {rows.map((row) => (
          <li key={row.version}>
            <p>
              <strong>{t('calendar.versionHead', { n: row.version })}</strong> {row.inForce ? t('calendar.inForce') : ''} {row.isWithdrawn ? t('calendar.withdrawn') : ''} {row.reverts ? t('calendar.reverts', { n: row.reverts }) : ''}
              {' · '}{moment(row.publishedAt)} {row.publisher} · {row.source} {row.number}
            </p>
            <p className="lb-soft">{row.reason}</p>
            {row.changes.length > 0 ? <Changes row={row} /> : null}
            {mayEdit && !row.inForce ? <Button size="small" onClick={() => setChosen(row.version)}>{t('calendar.revertTo', { n: row.version })}</Button> : null}
          </li>
        ))}
      </ol>
      {mayEdit && current && !current.isWithdrawn ? <Button size="small" onClick={() => setChosen(0)}>{t('calendar.withdraw')}</Button> : null}
      {chosen === null ? null : <RevertDialog path={`${path}/versions/${chosen}/revert`} title={chosen === 0 ? t('calendar.withdraw') : t('calendar.revertTo', { n: chosen })} onClose={() => setChosen(null)} onDone={onDone} />}
    </section>
  );
}

function Changes({ row }: { row: Version }): ReactNode {
  const t = useDeadlineText();
  const word = (value: boolean | null): string => (value === null ? t('calendar.notNamed') : value ? t('calendar.work') : t('calendar.rest'));
  return (
    <details>
      <summary>{t('calendar.changes', { n: row.changes.length })}</summary>
      <ul>{row.changes.map((change) => <li key={change.day}>{t('calendar.change', { day: change.day, name: change.name, before: word(change.before), after: word(change.after) })}</li>)}</ul>
    </details>
  );
}

function RevertDialog({ path, title, onClose, onDone }: { path: string; title: string; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useDeadlineText();
  const { busy, problem, run } = useAction(true);
  const [reason, setReason] = useState('');
  const save = async (): Promise<void> => {
    if (await run(() => api.post(path, { reason }), t('calendar.done'))) {
      onClose();
      onDone();
    }
  };
  return (
    <Dialog title={title} okText={title} cancelText={t('action.cancel')} confirmLoading={busy} okButtonProps={{ disabled: !reason.trim() }} onCancel={onClose} onOk={() => void save()}>
      {problem ? <ErrorState problem={problem} /> : null}
      <label className="lb-field">{t('calendar.why')}<Input value={reason} maxLength={300} onChange={(event) => setReason(event.target.value)} /></label>
    </Dialog>
  );
}
