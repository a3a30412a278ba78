import { type ReactElement } from 'react';

import type { components } from '../api/schema';
import { useResource } from '../case/resource';
import type { ItemRow } from '../case/types';
import { Notice } from '../shared/states';
import { usePortalText } from './text';
import { Section } from './ui';

type Opening = components['schemas']['OpeningAnswer'];

/** 暂未开通: where an item is open, told before anybody fills in anything, and what to do where it is not. */
export function OpeningPanel({ item }: { item: ItemRow }): ReactElement {
  const { t } = usePortalText();
  const { data } = useResource<Opening>(`/items/${encodeURIComponent(item.code)}/opening`);
  const regions = data?.namedRegions.map((region) => region.name).join(t('opening.and')) ?? '';
  const closed = data?.sites.filter((site) => !site.open) ?? [];
  return (
    <Section title={t('opening.title')}>
      {item.available ? (
        <Notice tone="warn" title={t('opening.some')}>{regions ? <p>{t('opening.regions', { regions })}</p> : null}</Notice>
      ) : (
        <Notice tone="warn" title={t('opening.none')}><p>{t('guide.notAvailable')}</p></Notice>
      )}
      <h3>{t('opening.instead')}</h3>
      <ol className="p-list">
        <li>{t('opening.window', { unit: item.leadUnit })}</li>
        <li>{t('opening.call')}</li>
        {item.available ? <li>{t('opening.refused')}</li> : null}
      </ol>
      {closed.length > 0 ? (
        <details className="p-why">
          <summary>{t('opening.sites', { n: closed.length })}</summary>
          <ul className="p-rows">
            {closed.map((site) => (
              <li key={site.code}>
                <span>{site.name} <span className="p-hint">{site.regionName} · {t('home.notOpen')}</span></span>
                {site.phone ? <a href={`tel:${site.phone.replace(/[^\d+]/g, '')}`}>{site.phone}</a> : null}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </Section>
  );
}
