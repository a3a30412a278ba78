import { useState, type ReactElement } from 'react';
import { Link } from 'react-router';

import { ProblemNotice } from '../../case/problem';
import { Loading } from '../../shared/states';
import { useResource } from '../../case/resource';
import type { ItemRow } from '../../case/types';
import { usePortalText, type PortalTextKey } from '../text';
import { Button, Field, PageTitle } from '../ui';

const MODES = ['MULTI_SITE', 'REMOTE_RELAY', 'FULL_ONLINE'];

function matches(item: ItemRow, words: string[]): boolean {
  const text = `${item.name} ${item.nameEn} ${item.leadUnit} ${item.modeName} ${item.modeNameEn}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function ItemLine({ item }: { item: ItemRow }): ReactElement {
  const { t, pick } = usePortalText();
  return (
    <li>
      <Link to={`/items/${encodeURIComponent(item.code)}`} className="p-item">
        <span className="p-item-name">{pick(item.name, item.nameEn)}</span>
        <span className="p-item-unit">{t('home.unit', { unit: item.leadUnit })}</span>
        <span className={item.available ? 'p-item-open' : 'p-item-guide'}>{t(item.available ? (item.restricted ? 'home.someRegions' : 'home.available') : 'home.notOpen')}</span>
      </Link>
    </li>
  );
}

function ItemList({ items }: { items: ItemRow[] }): ReactElement {
  const { t, has } = usePortalText();
  const modes = [...MODES, ...new Set(items.map((item) => item.mode).filter((mode) => !MODES.includes(mode)))];
  return (
    <>
      {modes.map((mode) => {
        const inMode = items.filter((item) => item.mode === mode);
        if (inMode.length === 0) return null;
        const key = `home.mode.${mode}`;
        const [name, text] = (has(key) ? t(key as PortalTextKey) : inMode[0]?.modeName ?? mode).split(/[：:]/);
        return (
          <section key={mode} className="p-mode" aria-labelledby={`mode-${mode}`}>
            <h2 id={`mode-${mode}`}>{name}</h2>
            {text ? <p className="p-hint">{text}</p> : null}
            <ul className="p-items">{inMode.map((item) => <ItemLine key={item.code} item={item} />)}</ul>
          </section>
        );
      })}
    </>
  );
}

/** The zone 跨省通办: find one of the items. */
export function Home(): ReactElement {
  const { t } = usePortalText();
  const items = useResource<{ items: ItemRow[] }>('/items');
  const [search, setSearch] = useState('');
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const all = items.data?.items ?? [];
  const found = all.filter((item) => matches(item, words));
  return (
    <>
      <PageTitle lead={t('home.lead')}>{t('home.title')}</PageTitle>
      <nav className="p-quick" aria-label={t('nav.menu')}>
        <Link to="/my"><strong>{t('home.myCases')}</strong><span>{t('home.myCasesText')}</span></Link>
        <Link to="/progress"><strong>{t('home.progress')}</strong><span>{t('home.progressText')}</span></Link>
        <Link to="/certificates"><strong>{t('home.certificate')}</strong><span>{t('home.certificateText')}</span></Link>
      </nav>
      <search>
        <Field label={t('home.search')} hint={t('home.searchHint')} type="search" value={search} onChange={setSearch} />
      </search>
      {items.error ? <ProblemNotice error={items.error} onRetry={items.reload} /> : null}
      {items.loading && !items.data ? <Loading rows={9} /> : null}
      {items.data ? <p role="status" className="p-hint">{t('home.count', { n: found.length })}</p> : null}
      {items.data && found.length === 0 && words.length > 0 ? (
        <div className="p-empty">
          <p>{t('home.nothing', { q: search.trim() })}</p>
          <Button onClick={() => setSearch('')}>{t('home.clear')}</Button>
        </div>
      ) : null}
      <ItemList items={found} />
    </>
  );
}
