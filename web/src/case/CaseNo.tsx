import type { ReactElement } from 'react';

const TAIL = 14;

/** A case number in a list: its distinguishing end, the whole number on pointing and for screen readers. */
export function CaseNo({ value }: { value: string }): ReactElement {
  if (value.length <= TAIL + 6) return <span className="lb-number lb-case-no">{value}</span>;
  return (
    <span className="lb-number lb-case-no" title={value}>
      <span aria-hidden="true">…{value.slice(-TAIL)}</span>
      <span className="lb-visually-hidden">{value}</span>
    </span>
  );
}
