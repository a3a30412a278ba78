import { Button } from 'antd';
import { useState, type ReactElement } from 'react';

import type { components } from '../api/schema';
import { useLiaisonText } from '../i18n/liaison';
import { Dialog } from '../shared/Dialog';
import { Notice } from '../shared/states';
import { moment, shortDay } from './dates';
import { useCaseText } from './language';
import { WriteLetter } from './Letters';
import { useResource } from './resource';
import { DueTag, Tag } from './tags';

export type ResponsibleAnswer = components['schemas']['ResponsibleAnswer'];
type Row = components['schemas']['ResponsibleRow'];

interface ResponsibleProps {
  caseNo: string;
  onSent?: () => void;
}

/** 当前责任方: which site has to act now, since when, until when, what comes after, and whom to call there. */
export function Responsible({ caseNo, onSent }: ResponsibleProps): ReactElement | null {
  const t = useLiaisonText();
  const { data } = useResource<ResponsibleAnswer>(`/cases/${encodeURIComponent(caseNo)}/responsible`);
  const [calling, setCalling] = useState<Row | null>(null);
  const [sentTo, setSentTo] = useState('');
  if (!data || data.items.length === 0) return null;
  return (
    <section className="lb-now" aria-label={t('now.title')}>
      <h2>{t('now.title')}</h2>
      <ul>
        {data.items.map((row, index) => (
          <Line key={row.taskId ?? `${String(row.siteId)}-${String(index)}`} row={row} onCall={() => { setSentTo(''); setCalling(row); }} />
        ))}
      </ul>
      {sentTo ? <Notice tone="good">{t('call.sent', { site: sentTo })}</Notice> : null}
      {calling ? (
        <CallDialog
          caseNo={caseNo} row={calling} confirmDays={data.confirmDays} onClose={() => setCalling(null)}
          onSent={() => { setSentTo(calling.siteName); setCalling(null); onSent?.(); }}
        />
      ) : null}
    </section>
  );
}

function Line({ row, onCall }: { row: Row; onCall: () => void }): ReactElement {
  const t = useLiaisonText();
  const { pick } = useCaseText();
  const role = pick(row.roleName, row.roleNameEn);
  return (
    <li>
      <div className="lb-now-who">
        <strong>{row.kind === 'applicant' ? t('now.applicant') : row.siteName}</strong>
        {row.mine ? <Tag tone="info">{t('now.mine')}</Tag> : null}
        {row.kind === 'site' ? <span className="lb-soft">{t('now.elsewhere')}</span> : null}
        {row.kind === 'partner' ? <span className="lb-soft">{t('now.partner')}</span> : null}
        {row.step ? <span>{row.step}</span> : null}
        {row.kind === 'task' ? <span className="lb-faint">{[role, row.person || t('now.unclaimed')].filter(Boolean).join(' · ')}</span> : null}
        {row.since ? <span className="lb-faint">{t('now.since', { at: moment(row.since) })}</span> : null}
        {row.dueAt ? <DueTag due={row.due} dueAt={row.dueAt} /> : row.kind === 'task' ? <span className="lb-faint">{t('now.noDue')}</span> : null}
      </div>
      {row.following.length > 0 || row.duty ? (
        <div className="lb-faint">
          {[row.following.length > 0 ? t('now.following', { steps: row.following.join(' / ') }) : '', row.duty ? t('now.duty', { duty: row.duty }) : ''].filter(Boolean).join(' · ')}
        </div>
      ) : null}
      {row.call && !row.mine ? <Button size="small" aria-label={t('call.buttonTo', { site: row.siteName })} onClick={onCall}>{t('call.button')}</Button> : null}
    </li>
  );
}

interface CallProps {
  caseNo: string;
  row: Row;
  confirmDays: number;
  onClose: () => void;
  onSent: () => void;
}

function CallDialog({ caseNo, row, confirmDays, onClose, onSent }: CallProps): ReactElement {
  const t = useLiaisonText();
  const { call } = row;
  return (
    <Dialog title={t('call.title', { site: row.siteName })} onCancel={onClose} footer={null} destroyOnHidden>
      {call && call.kind !== 'contact' ? <Notice tone="warn">{t('call.confirmedNever')}</Notice> : null}
      {call?.stale ? <Notice tone="warn">{t('call.stale', { n: confirmDays })}</Notice> : null}
      {call && !call.linked && row.mayWrite ? <Notice tone="warn">{t('call.unlinked')}</Notice> : null}
      {call ? (
        <dl className="lb-call">
          <dt>{t(`call.${call.kind}`)}</dt>
          <dd>{call.name || row.siteName}</dd>
          <dt>{t('call.phone')}</dt>
          <dd>{call.phone ? <a href={`tel:${call.phone.replace(/[^\d+]/g, '')}`}>{call.phone}</a> : t('call.noPhone')}</dd>
          {call.dutyTime ? <><dt>{t('call.duty')}</dt><dd>{call.dutyTime}</dd></> : null}
          {call.deputyName || call.deputyPhone ? <><dt>{t('call.deputy')}</dt><dd>{[call.deputyName, call.deputyPhone].filter(Boolean).join(' ')}</dd></> : null}
          {call.confirmedAt ? <><dt>{t('call.confirmed')}</dt><dd>{shortDay(call.confirmedAt)}</dd></> : null}
        </dl>
      ) : null}
      {row.mayWrite ? (
        <WriteLetter
          caseNo={caseNo} to={[{ id: row.siteId, name: row.siteName }]}
          first="liaison" begin={row.step ? t('call.default', { step: row.step }) : t('call.defaultNoStep')} onSent={onSent}
        />
      ) : row.kind === 'partner' ? <p className="lb-soft">{t('call.onlyPhone')}</p> : null}
    </Dialog>
  );
}
