import type { ReactNode, TableHTMLAttributes } from 'react';

/** A table that may be wider than its window: in the tab order, so that the arrow keys can move it. */
function ScrolledTable(props: TableHTMLAttributes<HTMLTableElement>): ReactNode {
  return <table {...props} tabIndex={0} />;
}

export const SCROLLED = { table: ScrolledTable };
