import { Button, type TableColumnsType } from 'antd';
import { type ReactNode } from 'react';

import { ProblemNotice } from '../case/problem';
import { type PagedResource } from '../case/resource';
import { useAdminText } from '../i18n/admin';
import { EmptyState, Loading } from '../shared/states';
import { WideTable } from '../shared/WideTable';

interface Props<T extends object> {
  title: string;
  /** 2: a part of a page that has other parts. */
  level?: 1 | 2;
  /** What stands above names it already: the heading is there for whoever cannot see that. */
  untitled?: boolean;
  intro?: string;
  filters?: ReactNode;
  pages: PagedResource<T>;
  empty: string;
  rowKey: (row: T) => string | number;
  columns: TableColumnsType<T>;
}

/** A page that is one keyset table: heading, filters, rows, “load more”, and the states around them. */
export function ListPage<T extends object>({ title, level = 1, untitled = false, intro, filters, pages, empty, rowKey, columns }: Props<T>): ReactNode {
  const t = useAdminText();
  const waiting = pages.loading && pages.items.length === 0;
  return (
    <>
      {level === 1 ? <h1>{title}</h1> : <h2 className={untitled ? 'lb-visually-hidden' : undefined}>{title}</h2>}
      {intro ? <p className="lb-soft">{intro}</p> : null}
      {filters ? <div className="lb-filters">{filters}</div> : null}
      {pages.error ? <ProblemNotice error={pages.error} onRetry={pages.reload} /> : null}
      {waiting && !pages.error ? <Loading /> : null}
      {!waiting && !pages.error && pages.items.length === 0 ? <EmptyState text={empty} /> : null}
      {pages.items.length > 0 ? (
        <WideTable<T> rowKey={rowKey} dataSource={pages.items} columns={columns} />
      ) : null}
      {pages.more ? (
        <p>
          <Button onClick={pages.loadMore} loading={pages.loadingMore}>
            {t('action.more')}
          </Button>
        </p>
      ) : null}
    </>
  );
}
