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
  /** Shows everything again: offered where filters left nothing. */
  unfilter?: (() => void) | undefined;
  rowKey: (row: T) => string | number;
  columns: TableColumnsType<T>;
}

/** A page that is one keyset table: heading, filters, rows, “load more”, and the states around them. */
export function ListPage<T extends object>({ title, level = 1, untitled = false, intro, filters, pages, empty, unfilter, rowKey, columns }: Props<T>): ReactNode {
  const t = useAdminText();
  const waiting = pages.loading && pages.items.length === 0;
  return (
    <>
      {level === 1 ? <h1>{title}</h1> : <h2 className={untitled ? 'lb-visually-hidden' : undefined}>{title}</h2>}
      {intro ? <p className="lb-soft">{intro}</p> : null}
      {filters ? <div className="lb-filters">{filters}</div> : null}
      {pages.error ? <ProblemNotice error={pages.error} onRetry={pages.reload} /> : null}
      {waiting && !pages.error ? <Loading /> : null}
      {!waiting && !pages.error && pages.items.length === 0 ? (
        <EmptyState text={empty} action={unfilter ? <Button onClick={unfilter}>{t('action.unfilter')}</Button> : undefined} />
      ) : null}
      {pages.items.length > 0 ? (
        <WideTable<T> rowKey={rowKey} dataSource={pages.items} columns={columns} />
      ) : null}
      {pages.items.length > 0 ? <MoreRows pages={pages} /> : null}
    </>
  );
}

/** How many rows there are so far, and the next ones on demand. */
export function MoreRows({ pages }: { pages: Pick<PagedResource<unknown>, 'items' | 'more' | 'loadMore' | 'loadingMore'> }): ReactNode {
  const t = useAdminText();
  return (
    <p className="lb-more">
      <span role="status" className="lb-faint">{t(pages.more ? 'action.shown' : 'action.shownAll', { n: pages.items.length })}</span>
      {pages.more ? <Button onClick={pages.loadMore} loading={pages.loadingMore}>{t('action.more')}</Button> : null}
    </p>
  );
}
