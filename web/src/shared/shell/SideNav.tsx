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
  return (
    <nav className="lb-work-side" aria-label={name}>
      <button ref={toggle} type="button" className="lb-button lb-side-toggle" aria-expanded={open} aria-controls={list} onClick={() => setOpenAt(open ? null : pathname)}>
        {t('nav.menu')}
      </button>
      <ul id={list} data-open={open}>
        {items.map((item) => (
          <li key={item.to}>
            <NavLink to={item.to} end={item.end ?? false} onClick={() => setOpenAt(null)}>
              {item.label}
              <Count value={item.count} />
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
