import { Button, Popconfirm, type TableColumnsType } from 'antd';
import { type ReactNode } from 'react';

import { ProblemNotice } from '../case/problem';
import { type Resource } from '../case/resource';
import { useChannelText } from '../i18n/channels';
import { EmptyState, Loading } from '../shared/states';
import { useKeeping } from './keeping';
import { WideTable } from './WideTable';

interface Props<T extends object> {
  title: string;
  /** The words of the button that adds an entry, for whoever keeps anything here. */
  add: string;
  onAdd: () => void;
  entries: Omit<Resource<{ items: T[] }>, 'put'>;
  empty: string;
  columns: TableColumnsType<T>;
  /** The dialog that is open. */
  children?: ReactNode;
}

/** A part of a page: entries that a site or the platform keeps, each to be added, changed and taken away. */
export function KeptTable<T extends { id: number }>({ title, add, onAdd, entries, empty, columns, children }: Props<T>): ReactNode {
  const keeping = useKeeping();
  return (
    <section aria-label={title}>
      <div className="lb-page-head">
        <h2>{title}</h2>
        {keeping.any ? <Button type="primary" disabled={!entries.data} onClick={onAdd}>{add}</Button> : null}
      </div>
      {entries.error ? <ProblemNotice error={entries.error} onRetry={entries.reload} /> : null}
      {!entries.data && entries.loading ? <Loading rows={3} /> : null}
      {entries.data?.items.length === 0 ? <EmptyState text={empty} /> : null}
      {entries.data?.items.length ? <WideTable<T> rowKey="id" dataSource={entries.data.items} columns={columns} /> : null}
      {children}
    </section>
  );
}

interface ActionsProps {
  siteId: number | null;
  name: string;
  change: { text: string; label: string; onClick: () => void };
  onRemove: () => void;
  children?: ReactNode;
}

/** What may be done to an entry, by whoever keeps it: first `children`, then change, then take away. */
export function KeptActions({ siteId, name, change, onRemove, children }: ActionsProps): ReactNode {
  const t = useChannelText();
  const keeping = useKeeping();
  if (!keeping.keeps(siteId)) return null;
  return (
    <span className="lb-row">
      {children}
      <Button size="small" aria-label={change.label} onClick={change.onClick}>{change.text}</Button>
      <Popconfirm title={t('ch.removeSure', { name })} onConfirm={onRemove}>
        <Button size="small" danger aria-label={t('ch.removeOf', { name })}>{t('ch.remove')}</Button>
      </Popconfirm>
    </span>
  );
}
