import { useId, useState, type ReactElement } from 'react';

import { listText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import type { LegView } from '../../case/types';
import { api } from '../../shared/api/client';
import { SelectFilter } from '../Filters';
import { useStaffText } from '../text';
import { Dialog } from '../../shared/Dialog';

interface UrgeDialogProps {
  caseNo: string;
  legs: LegView[];
  onDone: () => void;
  onClose: () => void;
}

/** 催办: whom, and why; both sites see it. */
export function UrgeDialog({ caseNo, legs, onDone, onClose }: UrgeDialogProps): ReactElement {
  const { t, locale } = useStaffText();
  const id = useId();
  const open = legs.filter((leg) => !leg.endedAt && leg.currentElements.length > 0);
  const [legId, setLegId] = useState(String((open.find((leg) => !leg.mine) ?? open[0])?.id ?? ''));
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const missing = note.trim() === '';
  const send = (): void => {
    setTried(true);
    if (missing) return;
    setBusy(true);
    setError(null);
    api.post(`/cases/${encodeURIComponent(caseNo)}/urge`, { legId: Number(legId), note: note.trim() })
      .then(onDone, setError)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t('urge.title')} onCancel={onClose} onOk={send} okText={t('urge.send')} cancelText={t('cancel')} confirmLoading={busy}
      okButtonProps={{ disabled: open.length === 0 }}
    >
      {open.length === 0 ? <p>{t('case.urgeNone')}</p> : (
        <div className="s-stack">
          <SelectFilter
            label={t('urge.leg')} value={legId} onChange={setLegId}
            options={open.map((leg) => ({ value: String(leg.id), label: `${leg.siteName} · ${listText(locale, leg.currentElements.map((element) => element.name))}` }))}
          />
          <div className="s-filter">
            <label htmlFor={id}>{t('urge.note')}</label>
            <textarea
              id={id} className="lb-input" rows={4} maxLength={400} value={note} aria-describedby={`${id}-hint`} aria-invalid={tried && missing ? true : undefined}
              onChange={(event) => setNote(event.target.value)}
            />
            <span id={`${id}-hint`} className={tried && missing ? 's-error' : 'lb-faint'}>{tried && missing ? t('urge.noteMissing') : t('urge.noteHint')}</span>
          </div>
          {error ? <ProblemNotice error={error} /> : null}
        </div>
      )}
    </Dialog>
  );
}
