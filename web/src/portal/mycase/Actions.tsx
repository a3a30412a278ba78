import { useState, type ReactElement } from 'react';

import { api } from '../../shared/api/client';
import { ProblemNotice } from '../../case/problem';
import type { MyCase } from '../../case/types';
import { Notice } from '../../shared/states';
import { usePortalText } from '../text';
import { Button, Dialog, Field, Section } from '../ui';

interface ActionProps {
  mine: MyCase;
  onDone: (mine: MyCase) => void;
}

interface NoteDialogProps {
  title: string;
  label: string;
  warning?: string;
  required?: boolean;
  danger?: boolean;
  verb: string;
  keep: string;
  send: (note: string) => Promise<void>;
  onClose: () => void;
}

/** A dialog that asks for some words before something happens. */
function NoteDialog({ title, label, warning, required = false, danger = false, verb, keep, send, onClose }: NoteDialogProps): ReactElement {
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = (): void => {
    setBusy(true);
    setError(null);
    send(note.trim()).catch(setError).finally(() => setBusy(false));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); go(); }}>
        {warning ? <p>{warning}</p> : null}
        <Field label={label} value={note} onChange={setNote} rows={3} maxLength={400} />
        {error ? <ProblemNotice error={error} /> : null}
        <div className="p-actions">
          <Button onClick={onClose} kind={danger ? 'primary' : 'plain'}>{keep}</Button>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy} disabled={required && note.trim() === ''}>{verb}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Urging and withdrawing, each with its rule beside it. */
export function ActionsPanel({ mine, onDone }: ActionProps): ReactElement | null {
  const { t } = usePortalText();
  const [open, setOpen] = useState<'urge' | 'withdraw' | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const asks = mine.urgeKind === 'INQUIRE';
  const verb = t(asks ? 'case.inquire' : 'case.urge');
  const base = `/my/cases/${encodeURIComponent(mine.caseNo)}`;
  const act = async (path: string, body: unknown, text: string): Promise<void> => {
    const answer = await api.post<MyCase>(`${base}${path}`, body);
    setOpen(null);
    setTold(text);
    onDone(answer);
  };
  if (mine.closedAt && !told) return null;
  return (
    <Section title={t('case.actions')}>
      {told ? <Notice tone="good"><p>{told}</p></Notice> : null}
      <div className="p-action">
        <Button onClick={() => setOpen('urge')} disabled={!mine.mayUrge}>{verb}</Button>
        {mine.urgeNote ? <p className="p-hint">{mine.urgeNote}</p> : null}
      </div>
      <div className="p-action">
        <Button kind="danger" onClick={() => setOpen('withdraw')} disabled={!mine.mayWithdraw}>{t('case.withdraw')}</Button>
        {mine.withdrawNote ? <p className="p-hint">{mine.withdrawNote}</p> : null}
      </div>
      {open === 'urge' ? (
        <NoteDialog
          title={verb} label={t('case.urgeLabel')} verb={t(asks ? 'case.inquireSend' : 'case.urgeSend')} keep={t('cancel')}
          onClose={() => setOpen(null)} send={(note) => act('/urge', { note }, t(asks ? 'case.inquireDone' : 'case.urgeDone'))}
        />
      ) : null}
      {open === 'withdraw' ? (
        <NoteDialog
          title={t('case.withdrawTitle')} label={t('case.withdrawLabel')} warning={t('case.withdrawWarn')} required danger verb={t('case.withdrawDo')} keep={t('case.withdrawKeep')}
          onClose={() => setOpen(null)} send={(reason) => act('/withdraw', { reason }, t('case.withdrawDone'))}
        />
      ) : null}
    </Section>
  );
}
