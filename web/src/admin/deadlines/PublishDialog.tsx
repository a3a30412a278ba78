import { Button, Checkbox, Input } from 'antd';
import { type ReactNode, useState } from 'react';

import { pickText } from '../../case/language';
import { useLanguage } from '../../i18n';
import { useDeadlineText } from '../../i18n/deadlines';
import { api } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { ErrorState } from '../../shared/states';
import { useAction } from '../useAction';
import { Preview } from './Preview';
import type { DatesPreview, ReadNotice } from './shapes';

interface Holiday { name: string; first: string; last: string }
interface Draft { number: string; source: string; holidays: Holiday[]; makeup: string }

const EMPTY: Draft = { number: '', source: '', holidays: [{ name: '', first: '', last: '' }], makeup: '' };

interface Props { path: string; title: string; onClose: () => void; onDone: () => void }

/** A year's arrangement: read from the notice or filled in, checked, tried, published with its reason. */
export function PublishDialog({ path, title, onClose, onDone }: Props): ReactNode {
  const t = useDeadlineText();
  const { busy, problem, run } = useAction(true);
  const [text, setText] = useState('');
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [checked, setChecked] = useState<ReadNotice | null>(null);
  const [preview, setPreview] = useState<DatesPreview | null>(null);
  const [confirmed, setConfirmed] = useState(false);
  const [reason, setReason] = useState('');
  const edit = (change: Partial<Draft>): void => {
    setDraft((old) => ({ ...old, ...change }));
    setChecked(null);
    setPreview(null);
  };
  const body = { number: draft.number, source: draft.source, holidays: draft.holidays.filter((row) => row.name || row.first), workdays: draft.makeup.split(/[\s,，;；]+/).filter(Boolean) };
  const read = (): Promise<boolean> => run(async () => {
    const found = await api.post<ReadNotice>(`${path}/reading`, { text }, { reads: true });
    setDraft({ number: found.number || draft.number, source: found.source || draft.source, holidays: found.holidays, makeup: found.workdays.join('\n') });
    setChecked(null);
    setPreview(null);
  }, t('calendar.read'));
  const attempt = (): Promise<boolean> => run(async () => {
    const found = await api.post<ReadNotice>(`${path}/check`, body, { reads: true });
    setChecked(found);
    setPreview(found.findings.some((row) => row.severity === 'error') ? null : await api.post<DatesPreview>(`${path}/preview`, body, { reads: true }));
  }, t('calendar.step'));
  const publish = async (): Promise<void> => {
    if (await run(() => api.post(`${path}/versions`, { ...body, reason, confirmed }), t('calendar.published'))) {
      onClose();
      onDone();
    }
  };
  const warned = (checked?.findings.length ?? 0) > 0;
  const ready = preview !== null && reason.trim() !== '' && (!warned || confirmed);
  return (
    <Dialog width={760} title={title} okText={t('calendar.publish')} cancelText={t('action.cancel')} confirmLoading={busy} okButtonProps={{ disabled: !ready }} onCancel={onClose} onOk={() => void publish()}>
      {problem ? <ErrorState problem={problem} /> : null}
      <label className="lb-field">{t('calendar.paste')}<Input.TextArea rows={3} value={text} maxLength={20000} onChange={(event) => setText(event.target.value)} /></label>
      <p className="lb-soft">{t('calendar.pasteHelp')}</p>
      <Button onClick={() => void read()} disabled={!text.trim()} loading={busy}>{t('calendar.read')}</Button>
      <div className="lb-two">
        <label className="lb-field">{t('calendar.number')}<Input value={draft.number} maxLength={80} onChange={(event) => edit({ number: event.target.value })} /></label>
        <label className="lb-field">{t('calendar.source')}<Input value={draft.source} maxLength={300} onChange={(event) => edit({ source: event.target.value })} /></label>
      </div>
      <Holidays rows={draft.holidays} onChange={(holidays) => edit({ holidays })} />
      <label className="lb-field">{t('calendar.makeup')}<Input.TextArea rows={2} value={draft.makeup} onChange={(event) => edit({ makeup: event.target.value })} /></label>
      <Button onClick={() => void attempt()} loading={busy}>{t('calendar.try')}</Button>
      {checked ? <Findings found={checked} /> : null}
      {preview ? <Preview preview={preview} /> : null}
      {warned && preview ? <Checkbox checked={confirmed} onChange={(event) => setConfirmed(event.target.checked)}>{t('calendar.confirm')}</Checkbox> : null}
      <label className="lb-field">{t('calendar.why')}<Input value={reason} maxLength={300} onChange={(event) => setReason(event.target.value)} /></label>
    </Dialog>
  );
}

function Findings({ found }: { found: ReadNotice }): ReactNode {
  const { locale } = useLanguage();
  return (
    <ul className="lb-findings" aria-live="polite">
      {found.findings.map((row, index) => <li key={index} data-severity={row.severity}>{pickText(locale, row.text, row.textEn)}</li>)}
    </ul>
  );
}

function Holidays({ rows, onChange }: { rows: Holiday[]; onChange: (rows: Holiday[]) => void }): ReactNode {
  const t = useDeadlineText();
  const put = (index: number, change: Partial<Holiday>): void => onChange(rows.map((row, at) => (at === index ? { ...row, ...change } : row)));
  return (
    <fieldset className="lb-holidays">
      <legend>{t('calendar.holidays')}</legend>
      {rows.map((row, index) => (
        <div key={index} className="lb-holiday">
          <Input aria-label={`${t('calendar.holidayName')} ${index + 1}`} placeholder={t('calendar.holidayName')} value={row.name} maxLength={60} onChange={(event) => put(index, { name: event.target.value })} />
          <Input aria-label={`${t('calendar.first')} ${index + 1}`} type="date" value={row.first} onChange={(event) => put(index, { first: event.target.value, last: row.last || event.target.value })} />
          <Input aria-label={`${t('calendar.last')} ${index + 1}`} type="date" value={row.last} onChange={(event) => put(index, { last: event.target.value })} />
          <Button size="small" aria-label={t('calendar.removeRow', { name: row.name || index + 1 })} onClick={() => onChange(rows.filter((_, at) => at !== index))}>×</Button>
        </div>
      ))}
      <Button size="small" onClick={() => onChange([...rows, { name: '', first: '', last: '' }])}>{t('calendar.addHoliday')}</Button>
    </fieldset>
  );
}
