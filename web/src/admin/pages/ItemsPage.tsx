import { Button, Form, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { usePlacesText } from '../../i18n/places';
import { api, Problem, type ProblemError } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { useMay } from '../../shared/session/useMay';
import { Loading, Notice } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import { FormDialog } from '../FormDialog';
import { useAction } from '../useAction';

type Register = components['schemas']['ItemRegister'];
type Row = components['schemas']['RegisteredItem'];
type Entered = components['schemas']['EnteredItem'];
type Edition = components['schemas']['EditionLine'];

/** 事项: those of the plan and those that were entered here, and which published process serves each. */
export function ItemsPage(): ReactNode {
  const t = usePlacesText();
  const { locale } = useLanguage();
  const keeps = useMay()('item:register');
  const register = useResource<Register>('/admin/items');
  const [linking, setLinking] = useState<Row | null>(null);
  const [showing, setShowing] = useState<Row | null>(null);
  const rows = register.data?.items;
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('it.title')}</h1>
      </div>
      <p className="lb-soft">{t('it.intro')}</p>
      {register.error ? <ProblemNotice error={register.error} onRetry={register.reload} /> : null}
      {rows ? null : register.error ? null : <Loading />}
      {rows ? (
        <WideTable<Row>
          rowKey="code"
          dataSource={rows}
          columns={[
            { title: t('it.name'), className: 'lb-wrap', render: (_, row) => <>{pickText(locale, row.name, row.nameEn)}<div className="lb-faint">{row.code}</div></> },
            { title: t('it.origin'), render: (_, row) => (row.edition === 0 ? t('it.shipped') : t('it.edition', { n: row.edition })) },
            { title: t('it.process'), className: 'lb-wrap', render: (_, row) => (row.definitionKey ? <><code>{row.definitionKey}</code><div className="lb-faint">{row.applyFormId}</div></> : t('it.none')) },
            { title: t('it.state'), render: (_, row) => <Tag tone={row.available ? 'good' : 'mute'}>{t(row.available ? 'it.open' : 'it.closed')}</Tag> },
            {
              title: t('pl.act'),
              render: (_, row) => (
                <span className="lb-row-buttons">
                  {keeps && row.linkable ? <Button size="small" aria-label={t('it.linkOf', { name: row.name })} onClick={() => setLinking(row)}>{t('it.link')}</Button> : null}
                  {row.edition > 0 ? <Button size="small" aria-label={t('it.editionsOf', { name: row.name })} onClick={() => setShowing(row)}>{t('it.editions')}</Button> : null}
                </span>
              ),
            },
          ]}
        />
      ) : null}
      {rows && keeps ? <Enter own={rows.filter((row) => row.edition > 0)} onDone={register.reload} /> : null}
      {linking && register.data ? <Link item={linking} register={register.data} onClose={() => setLinking(null)} onDone={register.reload} /> : null}
      {showing ? <Editions item={showing} onClose={() => setShowing(null)} /> : null}
    </>
  );
}

const NEW = '';

/** A file is checked first, with the place of every fault, and then entered; a change names the edition that it was made from. */
function Enter({ own, onDone }: { own: Row[]; onDone: () => void }): ReactNode {
  const t = usePlacesText();
  const { locale } = useLanguage();
  const [code, setCode] = useState(NEW);
  const [note, setNote] = useState('');
  const [file, setFile] = useState<{ name: string; source: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [came, setCame] = useState<Entered | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (trial: boolean): Promise<void> => {
    if (!file) return;
    setBusy(true);
    setProblem(null);
    try {
      const after = own.find((row) => row.code === code)?.edition ?? null;
      const got = await api.post<Entered>('/admin/items', { source: file.source, after, note, trial });
      setCame(got);
      if (got.applied) {
        setFile(null);
        onDone();
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setCame(null);
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const choose = async (chosen: File | undefined): Promise<void> => {
    setCame(null);
    setProblem(null);
    setFile(chosen ? { name: chosen.name, source: await chosen.text() } : null);
  };
  const faults = problem?.document.errors ?? [];
  return (
    <section className="lb-sheets" aria-labelledby="item-enter">
      <h2 id="item-enter">{t('it.enter')}</h2>
      <p className="lb-soft">{t('it.enterHint')}</p>
      <div className="lb-filters">
        <Select aria-label={t('it.what')} value={code} onChange={(value) => { setCode(value); setCame(null); }} style={{ minWidth: 220 }} options={[{ value: NEW, label: t('it.new') }, ...own.map((row) => ({ value: row.code, label: t('it.changeOf', { name: pickText(locale, row.name, row.nameEn), n: row.edition }) }))]} />
        <Input aria-label={t('it.note')} placeholder={t('it.note')} maxLength={300} value={note} onChange={(event) => setNote(event.target.value)} style={{ maxWidth: 260 }} />
        <label className="lb-button lb-file">
          <input className="lb-visually-hidden" type="file" accept=".yaml,.yml,.json" aria-label={t('it.file')} onChange={(event) => { void choose(event.target.files?.[0]); event.target.value = ''; }} />
          {file?.name ?? t('it.file')}
        </label>
        <Button disabled={!file || busy} onClick={() => void send(true)}>{t('it.try')}</Button>
        <Button type="primary" disabled={!file || busy || came === null || came.applied} onClick={() => void send(false)}>{t('it.enterNow')}</Button>
      </div>
      {came ? <Notice tone="good" title={t(came.applied ? 'it.entered' : 'it.sound', { code: came.code, n: came.edition })} /> : null}
      {problem ? <ProblemNotice error={problem} /> : null}
      {faults.length > 0 ? (
        <WideTable<ProblemError>
          rowKey={(row) => `${row.pointer}${row.code}`}
          dataSource={faults}
          columns={[
            { title: t('it.place'), render: (_, row) => <code>{row.pointer || '/'}</code> },
            { title: t('it.wrong'), className: 'lb-wrap', render: (_, row) => pickText(locale, row.message, row.messageEn) },
          ]}
        />
      ) : null}
    </section>
  );
}

interface Linked {
  definitionKey?: string;
  applyFormId?: string;
}

function Link({ item, register, onClose, onDone }: { item: Row; register: Register; onClose: () => void; onDone: () => void }): ReactNode {
  const t = usePlacesText();
  const { run, problem } = useAction(true);
  const save = ({ definitionKey, applyFormId }: Linked): Promise<boolean> =>
    run(() => api.put(`/admin/items/${item.code}/process`, { definitionKey: definitionKey ?? null, applyFormId: applyFormId ?? null }), t('it.linked'));
  const options = (values: string[]): { value: string; label: string }[] => values.map((value) => ({ value, label: value }));
  const start: Linked = { ...(item.definitionKey ? { definitionKey: item.definitionKey } : {}), ...(item.applyFormId ? { applyFormId: item.applyFormId } : {}) };
  return (
    <FormDialog<Linked> title={t('it.linkOf', { name: item.name })} okText={t('pl.save')} cancelText={t('pl.cancel')} start={start} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <p className="lb-soft">{t('it.linkHint')}</p>
      <Form.Item name="definitionKey" label={t('it.process')}>
        <Select allowClear showSearch={{ optionFilterProp: 'label' }} options={options(register.processes)} />
      </Form.Item>
      <Form.Item name="applyFormId" label={t('it.form')}>
        <Select allowClear showSearch={{ optionFilterProp: 'label' }} options={options(register.forms)} />
      </Form.Item>
    </FormDialog>
  );
}

function save(row: Edition, code: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(row.content, null, 1)], { type: 'application/json' }));
  link.download = `${code}-${String(row.edition)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function Editions({ item, onClose }: { item: Row; onClose: () => void }): ReactNode {
  const t = usePlacesText();
  const known = useResource<{ items: Edition[] }>(`/admin/items/${item.code}/editions`);
  return (
    <Dialog title={t('it.editionsOf', { name: item.name })} width={720} onCancel={onClose} footer={<Button onClick={onClose}>{t('sk.close')}</Button>}>
      {known.error ? <ProblemNotice error={known.error} onRetry={known.reload} /> : null}
      {known.data ? null : known.error ? null : <Loading rows={3} />}
      {known.data ? (
        <WideTable<Edition>
          rowKey="edition"
          dataSource={known.data.items}
          columns={[
            { title: t('it.origin'), render: (_, row) => t('it.edition', { n: row.edition }) },
            { title: t('it.note'), className: 'lb-wrap', dataIndex: 'note' },
            { title: t('it.by'), render: (_, row) => <>{row.publisher}<div className="lb-faint">{moment(row.publishedAt)}</div></> },
            { title: t('pl.act'), render: (_, row) => <Button size="small" onClick={() => save(row, item.code)}>{t('it.download')}</Button> },
          ]}
        />
      ) : null}
    </Dialog>
  );
}
