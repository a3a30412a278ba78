import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { NavLink, useLocation } from 'react-router';

import { useSharedText } from '../../i18n/shared';
import { Count, type NavItem } from './parts';

/** Navigation at the side; on a narrow screen a button above the page that opens the list. */
export function SideNav({ name, items }: { name: string; items: readonly NavItem[] }): ReactNode {
  const t = useSharedText();
  const { pathname } = useLocation();
  const [openAt, setOpenAt] = useState<string | null>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const list = useId();
  const open = openAt === pathname;
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // A long list scrolls by itself: the page that is open is in sight there.
    nav.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest' });
  }, [pathname]);
  useEffect(() => {
    if (!open) return undefined;
    const close = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      setOpenAt(null);
      toggle.current?.focus();
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [open]);
  const entry = (item: NavItem): ReactNode => (
    <li key={item.to}>
      <NavLink to={item.to} end={item.end ?? false} onClick={() => setOpenAt(null)}>
        {item.label}
        <Count value={item.count} />
      </NavLink>
    </li>
  );
  return (
    <nav ref={nav} className="lb-work-side" aria-label={name}>
      <button ref={toggle} type="button" className="lb-button lb-side-toggle" aria-expanded={open} aria-controls={list} onClick={() => setOpenAt(open ? null : pathname)}>
        {t('nav.menu')}
      </button>
      <ul id={list} data-open={open}>
        {grouped(items).map(([group, members], at) => (group ? (
          <li key={group}>
            <span className="lb-side-group" id={`${list}-${String(at)}`}>{group}</span>
            <ul aria-labelledby={`${list}-${String(at)}`}>{members.map(entry)}</ul>
          </li>
        ) : members.map(entry)))}
      </ul>
    </nav>
  );
}

/** The entries by group, in the order in which the groups first come. */
function grouped(items: readonly NavItem[]): [string, NavItem[]][] {
  const groups = new Map<string, NavItem[]>();
  for (const item of items) groups.set(item.group ?? '', [...(groups.get(item.group ?? '') ?? []), item]);
  return [...groups];
}
