export type MaskKind = 'name' | 'idcard' | 'mobile' | 'address' | 'account' | 'text' | 'hidden';

/** Masked form of a personal value for people who need not see it whole. */
export function mask(kind: MaskKind, value: string): string {
  const chars = Array.from(value);
  const length = chars.length;
  const keep = (head: number, tail: number): string =>
    length <= head + tail
      ? '*'.repeat(length)
      : [...chars.slice(0, head), '*'.repeat(length - head - tail), ...chars.slice(length - tail)].join('');
  if (length === 0) return '';
  switch (kind) {
    case 'name':
      if (length === 1) return '*';
      return length === 2 ? `${chars[0] ?? ''}*` : keep(1, 1);
    case 'idcard':
      return keep(4, 4);
    case 'mobile':
      return keep(3, 4);
    case 'account':
      return keep(0, 4);
    case 'address':
      return length <= 6 ? '*'.repeat(length) : `${chars.slice(0, 6).join('')}****`;
    default:
      return '*'.repeat(Math.min(length, 8));
  }
}
