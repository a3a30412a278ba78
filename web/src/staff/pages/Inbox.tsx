import { Button } from 'antd';
import { useCallback, useMemo, useRef, useState, type ReactElement } from 'react';
import { Link, useSearchParams } from 'react-router';

import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { query, usePages, useResource } from '../../case/resource';
import type { ItemRow, TaskCounts, TaskRow } from '../../case/types';
import { api } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { EmptyState, Loading, Notice } from '../../shared/states';
import { useCounts } from '../counts';
import { SearchFilter, SelectFilter } from '../Filters';
import { InboxTable } from '../inbox/InboxTable';
import { useKeys } from '../inbox/useKeys';
import { useStaffText } from '../text';

const VIEWS = ['group', 'mine', 'done'] as const;
type View = (typeof VIEWS)[number];

function Views({ view, counts, onView }: { view: View; counts: TaskCounts | null; onView: (view: View) => void }): ReactElement {
  const { t } = useStaffText();
  const count = { group: counts?.group, mine: counts?.mine, done: undefined };
  return (
    <div className="s-views" role="group" aria-label={t('inbox.title')}>
      {VIEWS.map((name) => (
        <button key={name} type="button" aria-pressed={view === name} onClick={() => onView(name)}>
          {t(`inbox.${name}`)}{count[name] ? <span className="s-view-count">{count[name]}</span> : null}
        </button>
      ))}
    </div>
  );
}

function Keys({ onClose }: { onClose: () => void }): ReactElement {
  const { t } = useStaffText();
  const keys = [['j', 'keys.j'], ['k', 'keys.k'], ['Enter', 'keys.enter'], ['c', 'keys.c'], ['/', 'keys.slash'], ['?', 'keys.question']] as const;
  return (
    <Dialog title={t('keys.title')} onCancel={onClose} footer={<Button onClick={onClose}>{t('close')}</Button>} width={360}>
      <dl className="s-keys">{keys.map(([key, text]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{t(text)}</dd></div>)}</dl>
    </Dialog>
  );
}

interface Claim {
  claiming: string | null;
  claimed: TaskRow | null;
  error: unknown;
  claim: (row: TaskRow) => void;
}

function useClaim(onChanged: () => void): Claim {
  const [claiming, setClaiming] = useState<string | null>(null);
  const [claimed, setClaimed] = useState<TaskRow | null>(null);
  const [error, setError] = useState<unknown>(null);
  const claim = (row: TaskRow): void => {
    setClaiming(row.id);
    setError(null);
    api.post(`/tasks/${encodeURIComponent(row.id)}/claim`)
      .then(() => setClaimed(row), setError)
      .finally(() => { setClaiming(null); onChanged(); });
  };
  return { claiming, claimed, error, claim };
}

/** The inbox: what waits for the group, what is mine, what is done; by deadline. */
export function Inbox(): ReactElement {
  const { t, locale } = useStaffText();
  const [params, setParams] = useSearchParams();
  const asked = params.get('view') as View | null;
  const view: View = asked && VIEWS.includes(asked) ? asked : 'group';
  const item = params.get('item') ?? '';
  const due = params.get('due') ?? '';
  const [q, setQ] = useState('');
  const [keysOpen, setKeysOpen] = useState(false);
  const focused = useRef<string | null>(null);
  const links = useRef(new Map<string, HTMLAnchorElement>());
  const search = useRef<HTMLInputElement>(null);
  const { counts, refresh } = useCounts();
  const items = useResource<{ items: ItemRow[] }>('/items');
  const list = usePages<TaskRow>(`/tasks${query({ view, q, item, due })}`);
  const { reload } = list;
  const onChanged = useCallback(() => { reload(); refresh(); }, [reload, refresh]);
  const { claiming, claimed, error, claim } = useClaim(onChanged);
  const itemOptions = useMemo(() => {
    const known = items.data?.items ?? [];
    return known.filter((row) => row.available).map((row) => ({ value: row.code, label: pickText(locale, row.name, row.nameEn) }));
  }, [items.data, locale]);
  const set = (name: string, value: string): void => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value); else next.delete(name);
    setParams(next, { replace: true });
  };
  const move = (step: number): void => {
    const index = list.items.findIndex((row) => row.id === focused.current);
    const next = list.items[index < 0 ? 0 : Math.min(list.items.length - 1, Math.max(0, index + step))];
    if (next) links.current.get(next.id)?.focus();
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    c: () => {
      const row = list.items.find((candidate) => candidate.id === focused.current);
      if (row && view === 'group') claim(row);
    },
    '/': () => search.current?.focus(),
    '?': () => setKeysOpen(true),
  });
  const filtered = Boolean(q || item || due);
  return (
    <>
      <div className="s-head">
        <h1>{t('inbox.title')}</h1>
        <Views view={view} counts={counts} onView={(next) => set('view', next)} />
        <div className="s-head-end">
          {counts?.overdue ? <Link to={`/?view=${view}&due=overdue`} className="s-count-bad">{t('inbox.overdue', { n: counts.overdue })}</Link> : null}
          {counts?.today ? <Link to={`/?view=${view}&due=today`} className="s-count-warn">{t('inbox.today', { n: counts.today })}</Link> : null}
          <Button size="small" onClick={onChanged}>{t('inbox.refresh')}</Button>
          <Button size="small" onClick={() => setKeysOpen(true)}>{t('inbox.keys')}</Button>
        </div>
      </div>
      <search className="s-filters">
        <SearchFilter label={t('inbox.search')} hint={t('inbox.searchHint')} value={q} onChange={setQ} inputRef={search} />
        <SelectFilter label={t('inbox.item')} value={item} options={[{ value: '', label: t('inbox.allItems') }, ...itemOptions]} onChange={(value) => set('item', value)} />
        <SelectFilter
          label={t('inbox.due')} value={due} onChange={(value) => set('due', value)}
          options={[{ value: '', label: t('inbox.allDues') }, { value: 'overdue', label: t('inbox.dueOverdue') }, { value: 'today', label: t('inbox.dueToday') }, { value: 'soon', label: t('inbox.dueSoon') }]}
        />
      </search>
      {claimed ? (
        <Notice tone="good">
          <span>{t('inbox.claimed', { task: claimed.name, subject: claimed.subject })} <Link to={`/tasks/${encodeURIComponent(claimed.id)}`}>{t('inbox.openClaimed')}</Link></span>
        </Notice>
      ) : null}
      {error ? <ProblemNotice error={error} /> : null}
      {list.error ? <ProblemNotice error={list.error} onRetry={list.reload} /> : null}
      {list.loading && list.items.length === 0 ? <Loading rows={8} /> : null}
      {!list.loading && !list.error && list.items.length === 0 ? (
        <EmptyState
          text={filtered ? t('inbox.emptyFilter') : t(`inbox.empty.${view}`)}
          action={filtered ? <Button onClick={() => { setQ(''); setParams({ view }, { replace: true }); }}>{t('inbox.clearFilter')}</Button> : undefined}
        />
      ) : null}
      {list.items.length > 0 ? (
        <>
          <InboxTable rows={list.items} claimable={view === 'group'} claiming={claiming} links={links} onClaim={claim} onFocus={(id) => { focused.current = id; }} />
          <p className="s-more">
            <span role="status" className="lb-faint">{t('inbox.shown', { n: list.items.length })}</span>
            {list.more ? <Button onClick={list.loadMore} loading={list.loadingMore}>{t('more')}</Button> : null}
          </p>
        </>
      ) : null}
      {keysOpen ? <Keys onClose={() => setKeysOpen(false)} /> : null}
    </>
  );
}
