import type { ReactElement } from 'react';

import { dueDay } from './dates';
import { useCaseText } from './language';
import type { Due, LadderMark, Tone } from './types';

export type TagTone = Tone | 'mute';

/** A word on a coloured ground; the word carries the meaning. */
export function Tag({ tone = 'mute', strong = false, children }: { tone?: TagTone; strong?: boolean; children: string }): ReactElement {
  return <span className={`lb-tag lb-tag-${tone}${strong ? ' lb-tag-strong' : ''}`}>{children}</span>;
}

const DUE_TONE: Record<Due['state'], TagTone> = { none: 'mute', ok: 'mute', soon: 'warn', today: 'warn', overdue: 'bad' };

/** How far a deadline is, with its day beside it. */
export function DueTag({ due, dueAt }: { due: Due | null; dueAt: string | null }): ReactElement {
  const { t } = useCaseText();
  const state = due?.state ?? 'none';
  const days = Math.abs(due?.workdays ?? 0);
  let text = t('due.none');
  if (state === 'today') text = t('due.today');
  else if (state === 'overdue') text = days > 0 ? t('due.overdue', { n: days }) : t('due.overdueToday');
  else if (state !== 'none') text = days > 0 ? t('due.left', { n: days }) : t('due.today');
  return (
    <span className="lb-due">
      <Tag tone={DUE_TONE[state]} strong={state === 'today' || state === 'overdue'}>{text}</Tag>
      {dueAt ? <time className="lb-due-day" dateTime={dueAt}>{dueDay(dueAt)}</time> : null}
    </span>
  );
}

const GOOD = new Set(['CLOSED', 'DELIVERED', 'DECIDED_GRANTED', 'PARTNER_AGREED', 'AGREED', 'CLOSED_SETTLED', 'EVALUATED', 'FULFILMENT']);
const WARN = new Set(['SUPPLEMENT_NOTIFIED', 'PRECHECK_RETURNED', 'PARTNER_OBJECTED', 'OBJECTED', 'CONFERENCE', 'SPECIAL', 'WITHDRAW_REQUESTED', 'ACCEPTED_GAP', 'MOVED_OUT_PENDING']);
const BAD = new Set(['NOT_ACCEPTED', 'DECIDED_REFUSED', 'PARTNER_REFUSED', 'REFUSED', 'TERMINATED', 'DELIVERY_FAILED', 'REVOKED', 'CLOSED_NO_SUPPLEMENT', 'RESTORED']);
const ENDED = new Set(['WITHDRAWN', 'RETURNED', 'VOIDED', 'EXPIRED', 'DISCARDED', 'DRAFT', 'CANCELLED']);

/** Tone of a case or leg status code. */
export function statusTone(status: string): TagTone {
  if (GOOD.has(status)) return 'good';
  if (WARN.has(status)) return 'warn';
  if (BAD.has(status)) return 'bad';
  return ENDED.has(status) ? 'mute' : 'info';
}

export function StatusTag({ status, name }: { status: string; name: string }): ReactElement {
  return <Tag tone={statusTone(status)}>{name}</Tag>;
}

const LADDER_TONE: Record<string, TagTone> = { REMIND: 'mute', INQUIRE: 'info', URGE: 'warn', SUPERVISE: 'bad', CONFER: 'bad' };

export function LadderTag({ mark }: { mark: Pick<LadderMark, 'kind' | 'kindName' | 'kindNameEn' | 'level'> }): ReactElement {
  const { pick } = useCaseText();
  const name = pick(mark.kindName, mark.kindNameEn);
  return <Tag tone={LADDER_TONE[mark.kind] ?? 'warn'}>{mark.level > 1 ? `${name} ${String(mark.level)}` : name}</Tag>;
}

const MATERIAL_TONE: Record<string, TagTone> = {
  MISSING: 'warn', SUPPLIED: 'info', VERIFIED: 'good', DEFECT: 'bad', PROMISED: 'warn', SHARED: 'good',
};

export function MaterialTag({ state, name }: { state: string; name: string }): ReactElement {
  return <Tag tone={MATERIAL_TONE[state] ?? 'mute'}>{name}</Tag>;
}
