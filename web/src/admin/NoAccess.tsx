import { type ReactNode } from 'react';
import { Link } from 'react-router';

import { useAdminText } from '../i18n/admin';
import { Notice } from '../shared/states';

/** A page that the person's roles do not open: said at once, with where to see why. */
export function NoAccess({ name }: { name: string }): ReactNode {
  const t = useAdminText();
  return (
    <>
      <h1>{name}</h1>
      <Notice tone="warn" title={t('denied.title')}>
        <p>{t('denied.next')}</p>
        <Link to="/roles">{t('denied.roles')}</Link>
      </Notice>
    </>
  );
}
