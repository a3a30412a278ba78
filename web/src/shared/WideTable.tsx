import { Table, type TableColumnType, type TableProps } from 'antd';
import { type ReactNode } from 'react';

import { SCROLLED } from '../case/scrolling';

/**
 * A table without pages. Wide, it scrolls sideways, also for whoever has only a keyboard; on a phone each row is a card whose lines
 * are named by the columns (work.css), so that nothing has to be moved sideways.
 */
export function WideTable<T extends object>({ columns, className, ...props }: TableProps<T>): ReactNode {
  return (
    <Table<T>
      size="small"
      pagination={false}
      scroll={{ x: 'max-content' }}
      components={SCROLLED}
      {...props}
      className={`lb-cards ${className ?? ''}`}
      columns={columns?.map((column) => ({ ...column, onCell: named(column) }))}
    />
  );
}

/** Each cell carries its column's title. */
function named<T extends object>(column: TableColumnType<T>): TableColumnType<T>['onCell'] {
  const title = typeof column.title === 'string' ? column.title : '';
  return (row, index) => ({ ...column.onCell?.(row, index), 'data-label': title }) as ReturnType<NonNullable<TableColumnType<T>['onCell']>>;
}
