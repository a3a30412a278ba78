import { Table, type TableProps } from 'antd';
import { type ReactNode } from 'react';

import { SCROLLED } from './scrolling';

/** A table without pages that scrolls sideways when the screen is narrow, also for whoever has only a keyboard. */
export function WideTable<T extends object>(props: TableProps<T>): ReactNode {
  return <Table<T> size="small" pagination={false} scroll={{ x: 'max-content' }} components={SCROLLED} {...props} />;
}
