import type { ReactElement } from 'react';

import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import type { components } from '../../api/schema';
import { EmptyState, Loading } from '../../shared/states';
import { useStaffText } from '../text';

type Item = components['schemas']['ItemRow'];

/** 窗口申报: the items that a window clerk can apply for on behalf of somebody who is there with the papers. */
export function WindowApply(): ReactElement {
  const { t, pick } = useStaffText();
  const items = useResource<{ items: Item[] }>('/items');
  const open = items.data?.items.filter((item) => item.available) ?? [];
  return (
    <>
      <h1>{t('window.title')}</h1>
      <p className="lb-soft">{t('window.intro')}</p>
      {items.error ? <ProblemNotice error={items.error} onRetry={items.reload} /> : null}
      {!items.data && !items.error ? <Loading rows={3} /> : null}
      {items.data && open.length === 0 ? <EmptyState text={t('window.empty')} /> : null}
      <ul className="lb-versions">
        {open.map((item) => (
          <li key={item.code}>
            <a href={`/items/${encodeURIComponent(item.code)}/apply`}>{pick(item.name, item.nameEn)}</a>
            <div className="lb-faint">{item.leadUnit}</div>
          </li>
        ))}
      </ul>
    </>
  );
}
