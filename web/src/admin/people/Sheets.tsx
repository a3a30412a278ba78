import { Button, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { useLanguage } from '../../i18n';
import { usePeopleText } from '../../i18n/people';
import { api, downloadFile } from '../../shared/api/client';
import { Notice } from '../../shared/states';
import { useAction } from '../useAction';
import { FirstPasswords } from './FirstPasswords';
import { WideTable } from '../../shared/WideTable';

type Kind = 'users' | 'sites' | 'organisations' | 'regions' | 'contacts' | 'partners';
type CellError = components['schemas']['CellErrorRow'];
type Report = components['schemas']['SheetReport'];

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Spreadsheets: template, export, and an import that is checked first and then comes in as a whole. */
export function Sheets({ kinds, onDone }: { kinds: readonly Kind[]; onDone: () => void }): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  const { busy, run } = useAction();
  const [kind, setKind] = useState<Kind>(kinds[0] ?? 'users');
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  /** The passwords of the import were saved or printed, and the dialog was closed. */
  const [kept, setKept] = useState(false);
  const send = (trial: boolean) => async (): Promise<void> => {
    if (!file) return;
    const got = await api.post<Report>(`/admin/sheets/${kind}`, { content: await base64(file), trial });
    setReport(got);
    setKept(false);
    if (got.applied) onDone();
  };
  const checked = report !== null && report.errors.length === 0 && !report.applied;
  return (
    <section className="lb-sheets" aria-labelledby="sheets-title">
      <h2 id="sheets-title">{t('people.sheets')}</h2>
      <div className="lb-filters">
        <Select aria-label={t('people.kind')} value={kind} onChange={(value) => { setKind(value); setReport(null); }} options={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))} style={{ minWidth: 140 }} />
        <Button href={`/api/v1/admin/sheets/${kind}/template`}>{t('people.template')}</Button>
        <Button disabled={busy} onClick={() => void run(() => downloadFile(`/admin/sheets/${kind}`, undefined, `${kind}-export.xlsx`), t('people.exported'))}>{t('people.export')}</Button>
        <label className="lb-button lb-file">
          <input className="lb-visually-hidden" type="file" accept=".xlsx,.csv" aria-label={t('people.file')} onChange={(event) => { setFile(event.target.files?.[0] ?? null); setReport(null); }} />
          {file?.name ?? t('people.file')}
        </label>
        <Button disabled={!file || busy} onClick={() => void run(send(true), t('people.try'))}>{t('people.try')}</Button>
        <Button type="primary" disabled={!checked || busy} onClick={() => void run(send(false), t('people.import'))}>{t('people.import')}</Button>
      </div>
      {checked ? <Notice tone="good" title={t('people.clean', { rows: report.rows, added: report.added, changed: report.changed })} /> : null}
      {report?.applied ? <Notice tone="good" title={t('people.applied', { added: report.added, changed: report.changed })} /> : null}
      {report?.applied && !kept && report.passwords.length > 0 ? <FirstPasswords rows={report.passwords} onClose={() => setKept(true)} /> : null}
      {report && report.errors.length > 0 ? (
        <>
          <Notice tone="bad" title={t('people.errors', { count: report.errors.length })} />
          <WideTable<CellError>
            rowKey={(row) => `${String(row.row)}${row.column}${row.text}`}
            dataSource={report.errors}
            columns={[
              { title: t('people.row'), dataIndex: 'row', align: 'right' },
              { title: t('people.column'), dataIndex: 'column' },
              { title: t('people.wrong'), className: 'lb-wrap', render: (_, row) => (locale === 'zh' ? row.text : row.textEn) },
            ]}
          />
        </>
      ) : null}
    </section>
  );
}
