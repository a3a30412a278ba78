import { Button, Form, Select, type TableColumnsType } from 'antd';
import { type ReactNode, useState } from 'react';

import { ProblemNotice } from '../case/problem';
import { useResource } from '../case/resource';
import { useChannelText } from '../i18n/channels';
import { api } from '../shared/api/client';
import { EmptyState, Loading } from '../shared/states';
import { Confirmed } from '../shared/Confirmed';
import { PLATFORM, useKeeping } from './keeping';
import { useAction } from './useAction';
import { WideTable } from '../shared/WideTable';

interface Kept {
  id: number;
  siteId: number | null;
}

/** What the dialog of an entry is given; no row: a new entry. */
export interface KeptDialogProps<T extends Kept, A extends { items: T[] } = { items: T[] }> {
  row: T | null;
  /** What the list answered. */
  all: A;
  onClose: () => void;
  onDone: () => void;
}

interface Props<T extends Kept, A extends { items: T[] }> {
  /** Where the entries are listed, and with their number taken away. */
  path: string;
  title: string;
  /** The words of the button that adds an entry, for whoever keeps anything here. */
  add: string;
  empty: string;
  nameOf: (row: T) => string;
  columns: TableColumnsType<T>;
  /** The words of the button that changes an entry, alone and with its name. */
  change: { text: string; of: (name: string) => string };
  /** What else may be done to an entry. */
  more?: (row: T) => ReactNode;
  dialog: (props: KeptDialogProps<T, A>) => ReactNode;
}

/** A part of a page: entries that a site or the platform keeps, each to be added, changed and taken away by whoever keeps it. */
export function KeptTable<T extends Kept, A extends { items: T[] } = { items: T[] }>(props: Props<T, A>): ReactNode {
  const { path, title, add, empty, nameOf, columns, change, more, dialog: Entry } = props;
  const t = useChannelText();
  const keeping = useKeeping();
  const entries = useResource<A>(path);
  const [editing, setEditing] = useState<T | 'new' | null>(null);
  const { run } = useAction();
  const remove = async (row: T): Promise<void> => {
    if (await run(() => api.delete(`${path}/${String(row.id)}`), t('ch.removed'))) entries.reload();
  };
  const actions = (row: T): ReactNode => {
    if (!keeping.keeps(row.siteId)) return null;
    const name = nameOf(row);
    return (
      <span className="lb-row">
        {more?.(row)}
        <Button size="small" aria-label={change.of(name)} onClick={() => setEditing(row)}>{change.text}</Button>
        <Confirmed ask={t('ch.removeSure', { name })} verb={t('ch.remove')} onConfirm={() => void remove(row)} size="small" danger aria-label={t('ch.removeOf', { name })}>{t('ch.remove')}</Confirmed>
      </span>
    );
  };
  return (
    <section aria-label={title}>
      <div className="lb-page-head">
        <h2>{title}</h2>
        {keeping.any ? <Button type="primary" disabled={!entries.data} onClick={() => setEditing('new')}>{add}</Button> : null}
      </div>
      {entries.error ? <ProblemNotice error={entries.error} onRetry={entries.reload} /> : null}
      {!entries.data && entries.loading ? <Loading rows={3} /> : null}
      {entries.data?.items.length === 0 ? <EmptyState text={empty} /> : null}
      {entries.data?.items.length ? (
        <WideTable<T> rowKey="id" dataSource={entries.data.items} columns={[...columns, { title: t('ch.actions'), render: (_, row) => actions(row) }]} />
      ) : null}
      {editing && entries.data ? (
        <Entry row={editing === 'new' ? null : editing} all={entries.data} onClose={() => setEditing(null)} onDone={entries.reload} />
      ) : null}
    </section>
  );
}

/** For which site an entry is kept: chosen once. */
export function KeptSite({ fixed }: { fixed: boolean }): ReactNode {
  const t = useChannelText();
  const { kept } = useKeeping();
  return (
    <Form.Item name="siteId" label={t('ch.site')} rules={[{ required: true, message: t('ch.required') }]}>
      <Select disabled={fixed} options={kept} showSearch={{ optionFilterProp: 'label' }} />
    </Form.Item>
  );
}

/** The choice of `KeptSite` as the API has it. */
export function siteOf(chosen: number): number | null {
  return chosen === PLATFORM ? null : chosen;
}
