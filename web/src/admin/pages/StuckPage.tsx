import { Button, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { moment } from '../../case/dates';
import { pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { query, usePages } from '../../case/resource';
import { DueTag, LadderTag, Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useAdminText } from '../../i18n/admin';
import { useLiaisonText } from '../../i18n/liaison';
import { api } from '../../shared/api/client';
import { useMay } from '../../shared/session/useMay';
import { EmptyState, ErrorState, Loading } from '../../shared/states';
import { Dialog } from '../../shared/Dialog';
import { MoreRows } from '../ListPage';
import { STUCK_REASONS, type StuckReason, type StuckRow } from '../types';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

/** Which cases are stuck, whom they wait for, since when, why, and the way out. */
export function StuckPage(): ReactNode {
  const t = useAdminText();
  const [search, setSearch] = useSearchParams();
  const reason = search.get('reason');
  const known = STUCK_REASONS.find((each) => each === reason);
  return (
    <>
      <h1>{t('nav.stuck')}</h1>
      <p className="lb-soft">{t('stuck.intro')}</p>
      <div className="lb-filters">
        <label htmlFor="stuck-reason">{t('stuck.reason')}</label>
        <Select
          id="stuck-reason"
          value={reason ?? ''}
          className="lb-filter-select"
          onChange={(value: string) => setSearch(value ? { reason: value } : {})}
          options={[{ value: '', label: t('stuck.all') }, ...STUCK_REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))]}
        />
      </div>
      <StuckTable
        path={`/admin/stuck${query({ reason })}`} whole {...(known ? { empty: t('stuck.emptyReason', { reason: t(`reason.${known}`) }), unfilter: () => setSearch({}) } : {})}
      />
    </>
  );
}

const TONE: Record<StuckReason, 'bad' | 'warn' | 'mute'> = {
  overdue: 'bad', incident: 'bad', message: 'warn', supplement: 'mute', suspended: 'warn', external: 'warn', unclaimed: 'warn',
};

interface TableProps {
  path: string;
  /** All of them, page by page; otherwise the first, with the way to the rest. */
  whole?: boolean;
  empty?: string;
  unfilter?: () => void;
}

export function StuckTable({ path, whole = false, empty, unfilter }: TableProps): ReactNode {
  const t = useAdminText();
  const pages = usePages<StuckRow>(path);
  if (pages.items.length === 0) {
    if (pages.error) return <ProblemNotice error={pages.error} onRetry={pages.reload} />;
    if (pages.loading) return <Loading />;
    return <EmptyState text={empty ?? t('stuck.empty')} action={unfilter ? <Button onClick={unfilter}>{t('action.unfilter')}</Button> : undefined} />;
  }
  return (
    <>
      {pages.error ? <ProblemNotice error={pages.error} onRetry={pages.reload} /> : null}
      <WideTable<StuckRow>
        rowKey={(row) => [row.caseNo, row.reason, row.legId, row.incidentId, row.waitsFor.siteName, row.waitsFor.what, row.since].join(' ')}
        dataSource={pages.items}
        columns={[
          { title: t('stuck.case'), render: (_, row) => <CaseCell row={row} /> },
          { title: t('stuck.waitsFor'), render: (_, row) => <WaitsFor row={row} /> },
          { title: t('stuck.since'), render: (_, row) => <Since row={row} /> },
          { title: t('stuck.why'), render: (_, row) => <Why row={row} /> },
          { title: t('stuck.next'), render: (_, row) => <Next row={row} onDone={pages.reload} /> },
        ]}
      />
      {whole ? <MoreRows pages={pages} /> : pages.more ? <p className="lb-more"><Link to="/stuck">{t('overview.all')}</Link></p> : null}
    </>
  );
}

function CaseCell({ row }: { row: StuckRow }): ReactNode {
  const { locale } = useLanguage();
  return (
    <>
      <Link to={`/cases/${encodeURIComponent(row.caseNo)}`}>{pickText(locale, row.itemName, row.itemNameEn)}</Link>
      <div className="lb-faint lb-number">{row.caseNo}</div>
      {row.subject ? <div>{row.subject}</div> : null}
    </>
  );
}

function WaitsFor({ row }: { row: StuckRow }): ReactNode {
  const { locale } = useLanguage();
  const who = [pickText(locale, row.waitsFor.roleName, row.waitsFor.roleNameEn), row.waitsFor.person].filter(Boolean).join(' · ');
  return (
    <>
      <strong>{row.waitsFor.siteName}</strong>
      <div>{row.waitsFor.what}</div>
      {who ? <div className="lb-faint">{who}</div> : null}
    </>
  );
}

function Since({ row }: { row: StuckRow }): ReactNode {
  const t = useAdminText();
  return (
    <>
      <time dateTime={row.since}>{moment(row.since)}</time>
      <div className="lb-faint">{t('stuck.sinceDays', { n: row.sinceWorkdays })}</div>
    </>
  );
}

function Why({ row }: { row: StuckRow }): ReactNode {
  const t = useAdminText();
  const l = useLiaisonText();
  const { locale } = useLanguage();
  return (
    <div className="lb-reason">
      <span>
        <Tag tone={TONE[row.reason]}>{t(`reason.${row.reason}`)}</Tag> {row.ladder ? <LadderTag mark={row.ladder} /> : null}
      </span>
      {row.dueAt ? <DueTag due={row.due} dueAt={row.dueAt} /> : null}
      <div>{pickText(locale, row.reasonText, row.reasonTextEn)}</div>
      {row.ladder?.told ? <div className={row.ladder.told === 'contact' ? 'lb-faint' : 'lb-warn'}>{l(`told.${row.ladder.told}`, { name: row.ladder.toldName })}</div> : null}
    </div>
  );
}

function Next({ row, onDone }: { row: StuckRow; onDone: () => void }): ReactNode {
  const t = useAdminText();
  const { locale } = useLanguage();
  const { busy, run } = useAction();
  const may = useMay();
  const [urging, setUrging] = useState(false);
  const retry = async (): Promise<void> => {
    if (await run(() => api.post(`/admin/incidents/${String(row.incidentId)}/retry`), t('action.retryDone'))) onDone();
  };
  return (
    <div className="lb-next">
      <div>{pickText(locale, row.suggestion, row.suggestionEn)}</div>
      {row.incidentId && may('operation:retry') ? (
        <Button size="small" loading={busy} onClick={() => void retry()}>
          {t('action.retry')}
        </Button>
      ) : null}
      {!row.incidentId && may('urge:send') && (row.reason === 'overdue' || row.reason === 'unclaimed') ? (
        <Button size="small" onClick={() => setUrging(true)}>
          {t('action.urge')}
        </Button>
      ) : null}
      {urging ? <UrgeDialog row={row} onClose={() => setUrging(false)} onDone={onDone} /> : null}
    </div>
  );
}

/** Urges the leg that the case waits for. */
function UrgeDialog({ row, onClose, onDone }: { row: StuckRow; onClose: () => void; onDone: () => void }): ReactNode {
  const t = useAdminText();
  const { busy, problem, run } = useAction(true);
  const [note, setNote] = useState('');
  const urge = async (): Promise<void> => {
    const sent = await run(async () => {
      await api.post(`/cases/${encodeURIComponent(row.caseNo)}/urge`, { legId: row.legId, note });
    }, t('action.urgeDone'));
    if (sent) {
      onClose();
      onDone();
    }
  };
  return (
    <Dialog
      title={t('action.urgeSite', { site: row.waitsFor.siteName })}
      okText={t('action.urge')}
      cancelText={t('action.cancel')}
      confirmLoading={busy}
      okButtonProps={{ disabled: note.trim() === '' }}
      onCancel={onClose}
      onOk={() => void urge()}
    >
      {problem ? <ErrorState problem={problem} /> : null}
      <label htmlFor="urge-note">{t('action.urgeNote')}</label>
      <Input.TextArea id="urge-note" rows={3} maxLength={400} value={note} onChange={(event) => setNote(event.target.value)} />
    </Dialog>
  );
}
