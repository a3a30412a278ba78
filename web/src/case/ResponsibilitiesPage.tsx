import { Button, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../api/schema';
import { useLanguage } from '../i18n';
import { usePlacesText } from '../i18n/places';
import { api, Problem } from '../shared/api/client';
import { Confirmed } from '../shared/Confirmed';
import { Dialog } from '../shared/Dialog';
import { useSession } from '../shared/session';
import { EmptyState, Loading, Notice } from '../shared/states';
import { WideTable } from '../shared/WideTable';
import { moment } from './dates';
import { ProblemNotice } from './problem';
import { useResource } from './resource';

type Item = components['schemas']['ItemRow'];
type List = components['schemas']['ResponsibilityAnswer'];
type Draft = components['schemas']['ResponsibilityDraft'];
type Entry = components['schemas']['EntryRow'];
type Roles = components['schemas']['MatrixAnswer']['roles'];

/** 权责清单: who does what at which step of an item, on what ground; drawn from model and matrix, edited, published in versions. */
export function ResponsibilitiesPage(): ReactNode {
  const t = usePlacesText();
  const { locale } = useLanguage();
  const items = useResource<{ items: Item[] }>('/items');
  const matrix = useResource<{ roles: Roles }>('/role-matrix');
  const [chosen, choose] = useState<string>();
  const rows = items.data?.items ?? [];
  const shown = chosen ?? rows.find((row) => row.available)?.code ?? rows[0]?.code;
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('re.title')}</h1>
        {rows.length > 0 ? (
          <Select
            aria-label={t('re.item')} value={shown} onChange={choose} popupMatchSelectWidth={false} showSearch={{ optionFilterProp: 'label' }}
            options={rows.map((row) => ({ value: row.code, label: locale === 'zh' ? row.name : row.nameEn }))}
          />
        ) : null}
      </div>
      <p className="lb-soft">{t('re.intro')}</p>
      {items.error ? <ProblemNotice error={items.error} onRetry={items.reload} /> : null}
      {matrix.error ? <ProblemNotice error={matrix.error} onRetry={matrix.reload} /> : null}
      {shown && matrix.data ? <ListOf key={shown} code={shown} roles={matrix.data.roles} /> : items.error || matrix.error ? null : <Loading />}
    </>
  );
}

function ListOf({ code, roles }: { code: string; roles: Roles }): ReactNode {
  const t = usePlacesText();
  const { session } = useSession();
  const path = `/items/${encodeURIComponent(code)}/responsibilities`;
  const list = useResource<List>(path);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [error, setError] = useState<unknown>(null);
  const may = (name: string): boolean => session?.user?.functions.includes(name) ?? false;
  const data = list.data;
  const generate = (): void => {
    setError(null);
    api.get<Draft>(`${path}/draft`).then(setDraft, setError);
  };
  if (list.error) return <ProblemNotice error={list.error} onRetry={list.reload} />;
  if (!data) return <Loading />;
  const edits = may('item:edit');
  return (
    <>
      <div className="lb-row lb-actions-row">
        {data.version > 0 ? <span className="lb-faint">{t('re.version', { n: data.version, at: moment(data.publishedAt), by: data.publisher })}</span> : null}
        {data.version > 0 && may('item:read') ? <Button href={`/api/v1${path}/export`}>{t('re.export')}</Button> : null}
        {may('item:read') ? <Button onClick={generate}>{t(edits ? 're.generate' : 're.look')}</Button> : null}
        {edits && data.version > 0 ? <Button onClick={() => setDraft({ after: data.version, entries: data.entries })}>{t('re.edit')}</Button> : null}
      </div>
      {error ? <ProblemNotice error={error} /> : null}
      {data.version === 0 ? <EmptyState text={t('re.empty')} /> : <Entries entries={data.entries} roles={roles} />}
      {draft ? <DraftDialog path={path} draft={draft} roles={roles} edits={edits} onClose={() => setDraft(null)} onDone={() => { setDraft(null); list.reload(); }} /> : null}
    </>
  );
}

function useRoleName(roles: Roles): (code: string) => string {
  const { locale } = useLanguage();
  return (code) => {
    const found = roles.find((role) => role.code === code);
    return (locale === 'zh' ? found?.name : found?.nameEn) ?? code;
  };
}

function Entries({ entries, roles, onChange }: { entries: Entry[]; roles: Roles; onChange?: (entries: Entry[]) => void }): ReactNode {
  const t = usePlacesText();
  const roleName = useRoleName(roles);
  const put = (index: number, changed: Partial<Entry>): void => onChange?.(entries.map((entry, at) => (at === index ? { ...entry, ...changed } : entry)));
  const words = (name: 'stage' | 'duty' | 'basis', longest: number) => (_: unknown, entry: Entry, index: number) =>
    onChange ? (
      <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} maxLength={longest} value={entry[name]} aria-label={`${t(`re.${name}`)} ${String(index + 1)}`} onChange={(event) => put(index, { [name]: event.target.value })} />
    ) : entry[name];
  return (
    <WideTable<Entry>
      scroll={{ x: 640 }} className="lb-duties" dataSource={entries} rowKey={(entry) => String(entries.indexOf(entry))}
      columns={[
        { title: t('re.stage'), width: '18%', render: words('stage', 60) },
        { title: t('re.leg'), width: '10%', render: (_, entry) => t(entry.leg === 'main' ? 're.main' : 're.partner') },
        { title: t('re.role'), width: '12%', render: (_, entry) => roleName(entry.role) },
        { title: t('re.duty'), render: words('duty', 300) },
        { title: t('re.basis'), render: words('basis', 200) },
        ...(onChange ? [{
          title: t('pl.act'),
          render: (_: unknown, _entry: Entry, index: number) => (
            <Confirmed
              ask={t('re.removeSure')} verb={t('re.remove')} size="small" danger aria-label={`${t('re.remove')} ${String(index + 1)}`}
              onConfirm={() => onChange(entries.filter((_each, at) => at !== index))}
            >
              {t('re.remove')}
            </Confirmed>
          ),
        }] : []),
      ]}
    />
  );
}

interface DraftProps {
  path: string;
  draft: Draft;
  roles: Roles;
  edits: boolean;
  onClose: () => void;
  onDone: () => void;
}

function DraftDialog({ path, draft, roles, edits, onClose, onDone }: DraftProps): ReactNode {
  const t = usePlacesText();
  const [entries, setEntries] = useState<Entry[]>(draft.entries);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Problem | null>(null);
  const publish = (): void => {
    setBusy(true);
    setError(null);
    api.put(path, { after: draft.after, note, entries })
      .then(onDone, (problem: unknown) => { if (problem instanceof Problem) setError(problem); else throw problem; })
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      width={1100} title={t('re.draft', { n: draft.after + 1 })} onCancel={onClose} onOk={publish} okText={t('re.publish')} cancelText={t('pl.cancel')}
      confirmLoading={busy} okButtonProps={{ disabled: !edits || entries.length === 0 }}
    >
      <Notice tone="info">{t(edits ? 're.draftHint' : 're.lookHint')}</Notice>
      {error ? <ProblemNotice error={error} /> : null}
      <div className="lb-scroll"><Entries entries={entries} roles={roles} {...(edits ? { onChange: setEntries } : {})} /></div>
      {edits ? (
        <label className="lb-field">
          {t('re.note')}
          <Input maxLength={400} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
      ) : null}
    </Dialog>
  );
}
