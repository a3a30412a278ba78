import type { ReactElement } from 'react';
import { Link } from 'react-router';

import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { useChannelText } from '../../i18n/channels';
import { Loading } from '../../shared/states';
import { usePages } from '../../case/resource';
import type { NotificationRow } from '../../case/types';
import { usePortalText } from '../text';
import { Button, PageTitle } from '../ui';

/** What the platform told this person. */
export function Notifications(): ReactElement {
  const { t } = usePortalText();
  const channels = useChannelText();
  const list = usePages<NotificationRow>('/my/notifications');
  return (
    <>
      <PageTitle>{t('notifications.title')}</PageTitle>
      <p className="p-beside"><Link to="/settings/channels">{channels('own.title')}</Link></p>
      {list.error ? <ProblemNotice error={list.error} onRetry={list.reload} /> : null}
      {list.loading && list.items.length === 0 ? <Loading /> : null}
      {!list.loading && !list.error && list.items.length === 0 ? <p className="p-empty">{t('notifications.empty')}</p> : null}
      <ul className="p-cards">
        {list.items.map((row) => (
          <li key={row.id} className="p-card">
            <h2>{row.title}</h2>
            <p>{row.text}</p>
            <p className="p-hint">
              <time dateTime={row.at}>{moment(row.at)}</time>{' '}
              {row.caseNo ? <Link to={`/my/${encodeURIComponent(row.caseNo)}`}>{t('notifications.open')}</Link> : null}
            </p>
          </li>
        ))}
      </ul>
      {list.more ? <Button onClick={list.loadMore} busy={list.loadingMore}>{t('more')}</Button> : null}
    </>
  );
}
