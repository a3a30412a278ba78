import { Button } from 'antd';
import { useId, useState, type ReactNode } from 'react';

import type { components } from '../../api/schema';
import { dueDay, moment } from '../../case/dates';
import { labelled } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag, type TagTone } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { usePrivacyText } from '../../i18n/privacy';
import { api } from '../../shared/api/client';
import { Loading, Notice } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';

type Hold = components['schemas']['HoldAnswer'];
const TONES: Record<Hold['state'], TagTone> = { asked: 'warn', held: 'warn', 'release-asked': 'warn', released: 'mute', lapsed: 'mute' };

/** Cases of a site that are kept from deletion: who asked, why, until when, who agreed. */
export function Holds({ siteId, name, onChanged }: { siteId: number; name: string; onChanged: () => void }): ReactNode {
  const t = usePrivacyText();
  const found = useResource<{ items: Hold[] }>(`/retention/holds?siteId=${String(siteId)}`);
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState(false);
  const rows = found.data?.items ?? [];
  const act = (call: Promise<unknown>): Promise<boolean> => {
    setError(null);
    setDone(false);
    return call.then(() => { found.reload(); onChanged(); return true; }, (problem: unknown) => { setError(problem); return false; });
  };
  return (
    <section>
      <h2>{t('holds.title')} <small>{name}</small></h2>
      <p className="lb-soft">{t('holds.intro')}</p>
      {found.error ? <ProblemNotice error={found.error} onRetry={found.reload} /> : null}
      {!found.data && found.loading ? <Loading rows={2} /> : null}
      {found.data && rows.length === 0 ? <p className="lb-none">{t('holds.none')}</p> : null}
      {rows.length > 0 ? (
        <WideTable<Hold>
          rowKey="id" dataSource={rows}
          columns={[
            { title: t('due.case'), dataIndex: 'caseNo' },
            { title: t('holds.reason'), dataIndex: 'reason', className: 'lb-break' },
            { title: t('holds.by'), render: (_, row) => <>{row.heldBy} {moment(row.heldAt)}{row.agreedAt ? <div className="lb-faint">{t('holds.agreed', { name: row.agreedBy, at: moment(row.agreedAt) })}</div> : null}</> },
            { title: t('holds.until'), render: (_, row) => (row.untilAt ? dueDay(row.untilAt) : t('holds.open')) },
            { title: t('erasures.state'), render: (_, row) => <HoldState row={row} act={act} /> },
          ]}
        />
      ) : null}
      <HoldForm onHold={(caseNo, body) => act(api.post(`/cases/${encodeURIComponent(caseNo)}/hold`, body)).then((good) => { setDone(good); return good; })} />
      {done ? <Notice tone="good">{t('holds.asked')}</Notice> : null}
      {error ? <ProblemNotice error={error} /> : null}
    </section>
  );
}

function HoldState({ row, act }: { row: Hold; act: (call: Promise<unknown>) => Promise<boolean> }): ReactNode {
  const t = usePrivacyText();
  const { locale } = useLanguage();
  const id = useId();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const open = row.state === 'asked' || row.state === 'release-asked';
  const decide = (agrees: boolean): void => void act(api.post(`/retention/holds/${String(row.id)}/decision`, { agrees }));
  return (
    <div className="lb-row">
      <Tag tone={TONES[row.state]}>{t(row.state === 'asked' ? 'holds.asked.state' : `holds.${row.state}`)}</Tag>
      {row.state === 'release-asked' ? <span className="lb-faint">{labelled(locale, row.releaseAskedBy, row.releaseReason)}</span> : null}
      {row.state === 'released' ? <span className="lb-faint">{row.releasedBy}</span> : null}
      {open && !row.mine ? (
        <>
          <Button size="small" onClick={() => decide(true)}>{t('requests.agree')}</Button>
          <Button size="small" onClick={() => decide(false)}>{t('requests.refuse')}</Button>
        </>
      ) : null}
      {(row.state === 'held' || row.state === 'asked') && !asking ? <Button size="small" onClick={() => setAsking(true)}>{t('holds.release')}</Button> : null}
      {asking ? (
        <form className="lb-row" onSubmit={(event) => { event.preventDefault(); void act(api.post(`/cases/${encodeURIComponent(row.caseNo)}/release`, { reason })).then((good) => setAsking(!good)); }}>
          <label htmlFor={id}>{t('holds.releaseReason')}</label>
          <input id={id} className="lb-input" required minLength={2} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
          <Button size="small" htmlType="submit">{t('holds.release')}</Button>
        </form>
      ) : null}
    </div>
  );
}

function HoldForm({ onHold }: { onHold: (caseNo: string, body: { reason: string; until: string | null }) => Promise<boolean> }): ReactNode {
  const t = usePrivacyText();
  const id = useId();
  const [caseNo, setCaseNo] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const send = (): void => {
    void onHold(caseNo.trim(), { reason, until: until || null }).then((good) => {
      if (!good) return;
      setCaseNo('');
      setReason('');
      setUntil('');
    });
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); send(); }}>
      <label htmlFor={`${id}-case`}>{t('due.case')}</label>
      <input id={`${id}-case`} className="lb-input" required maxLength={64} value={caseNo} onChange={(event) => setCaseNo(event.target.value)} />
      <label htmlFor={`${id}-why`}>{t('holds.reason')}</label>
      <input id={`${id}-why`} className="lb-input" required minLength={2} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
      <label htmlFor={`${id}-until`}>{t('holds.untilOptional')}</label>
      <input id={`${id}-until`} className="lb-input" type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
      <Button htmlType="submit">{t('holds.ask')}</Button>
    </form>
  );
}
