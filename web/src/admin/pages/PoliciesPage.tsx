import { Button, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { shortDay } from '../../case/dates';
import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { query, useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useDeadlineText } from '../../i18n/deadlines';
import { useMay } from '../../shared/session/useMay';
import { EmptyState, Loading } from '../../shared/states';
import { PolicyDialog } from '../deadlines/PolicyDialog';
import { Progress } from '../deadlines/Progress';
import type { PolicyLayer, PolicyMatrixRow } from '../deadlines/shapes';
import { Value } from '../deadlines/Value';
import type { SiteRow } from '../types';
import { WideTable } from '../../shared/WideTable';

const SCOPES = ['platform', 'province', 'site', 'item', 'partner'] as const;
interface Item { code: string; name: string; nameEn?: string }

/** Every deadline value at a place: where it comes from, what it overrides, its history; changed with preview. */
export function PoliciesPage(): ReactNode {
  const t = useDeadlineText();
  const { locale } = useLanguage();
  const [place, setPlace] = useState<{ site?: string | undefined; item?: string | undefined; partner?: string | undefined }>({});
  const [word, setWord] = useState('');
  const [editing, setEditing] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const policies = useResource<{ items: PolicyMatrixRow[] }>(`/admin/policies${query(place)}`);
  const sites = useResource<{ items: SiteRow[] }>('/admin/sites');
  const items = useResource<{ items: Item[] }>('/items');
  const provinces = useResource<{ items: { code: string; name: string }[] }>('/regions');
  const mayEdit = useMay()('parameter:change');
  const siteOptions = (sites.data?.items ?? []).map((site) => ({ value: site.code, label: site.name }));
  const itemOptions = (items.data?.items ?? []).map((item) => ({ value: item.code, label: pickText(locale, item.name, item.nameEn) }));
  const rows = (policies.data?.items ?? []).filter((row) => !word || `${row.key} ${row.name} ${row.nameEn}`.toLowerCase().includes(word.toLowerCase()));
  const chosen = policies.data?.items.find((row) => row.key === editing);
  const provinceOptions = (provinces.data?.items ?? []).map((region) => ({ value: region.code, label: region.name }));
  const nameOf = (code: string): string => [...siteOptions, ...itemOptions, ...provinceOptions].find((each) => each.value === code)?.label ?? code;
  const choose = (label: string, key: 'site' | 'item' | 'partner', options: { value: string; label: string }[]): ReactNode => (
    <label className="lb-field">{label}
      <Select allowClear showSearch={{ optionFilterProp: 'label' }} aria-label={label} className="lb-filter-select" placeholder={t('policies.any')} value={place[key]} onChange={(value: string | undefined) => setPlace((old) => ({ ...old, [key]: value }))} options={options} />
    </label>
  );
  return (
    <>
      <h1>{t('nav.policies')}</h1>
      <p className="lb-soft">{t('policies.intro')}</p>
      <div className="lb-filters">
        {choose(t('policies.site'), 'site', siteOptions)}
        {choose(t('policies.itemFilter'), 'item', itemOptions)}
        {choose(t('policies.partner'), 'partner', siteOptions)}
        <label className="lb-field">{t('policies.find')}<Input value={word} onChange={(event) => setWord(event.target.value)} /></label>
      </div>
      {policies.error ? <ProblemNotice error={policies.error} onRetry={policies.reload} /> : null}
      {policies.data && rows.length === 0 ? <EmptyState text={t('policies.noMatch', { word })} action={<Button onClick={() => setWord('')}>{t('action.unfilter')}</Button>} /> : null}
      {policies.data && rows.length > 0 ? (
        <WideTable<PolicyMatrixRow>
          rowKey="key"
          scroll={{ x: 720 }}
          dataSource={rows}
          columns={[
            { title: t('policies.key'), width: 220, render: (_, row) => <>{pickText(locale, row.name, row.nameEn)}<div className="lb-faint">{row.key}</div></> },
            { title: t('policies.value'), width: 130, render: (_, row) => <Value text={row.value} /> },
            { title: t('policies.layers'), render: (_, row) => <Layers layers={row.layers} nameOf={nameOf} /> },
            { title: t('cases.actions'), width: 110, render: (_, row) => <Button size="small" aria-label={`${mayEdit ? t('policies.edit') : t('policies.history')} ${row.key}`} onClick={() => setEditing(row.key)}>{mayEdit ? t('policies.edit') : t('policies.history')}</Button> },
          ]}
        />
      ) : policies.data || policies.error ? null : (
        <Loading />
      )}
      <Progress turn={turn} />
      {chosen ? <PolicyDialog policy={chosen} place={place} mayEdit={mayEdit} sites={siteOptions} provinces={provinceOptions} items={itemOptions} nameOf={nameOf} onClose={() => setEditing(null)} onDone={() => { policies.reload(); setTurn((value) => value + 1); }} /> : null}
    </>
  );
}

/** All layers of a value, the effective one first. */
function Layers({ layers, nameOf }: { layers: PolicyLayer[]; nameOf: (code: string) => string }): ReactNode {
  const t = useDeadlineText();
  const name = (scope: string): string => t(`scope.${SCOPES.find((each) => each === scope) ?? 'platform'}`);
  return (
    <ol className="lb-layers">
      {layers.map((layer, index) => (
        <li key={index} data-wins={layer.wins}>
          <strong>{name(layer.scope)}</strong> {[layer.scopeRef, layer.itemCode].filter(Boolean).map(nameOf).join(' · ')} <Value text={layer.value} />
          {' '}<span className="lb-layer-mark">{layer.wins ? t('policies.wins') : t('policies.overridden')}</span>
          <div className="lb-soft">{layer.source} · {layer.shipped ? t('policies.shipped') : t('policies.since', { date: shortDay(layer.since), by: layer.by || '—' })}</div>
        </li>
      ))}
    </ol>
  );
}
