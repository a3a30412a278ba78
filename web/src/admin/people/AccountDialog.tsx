import { Button, Form, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { deviceOf, methodKey } from '../../case/device';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useAccountText } from '../../i18n/account';
import { useKeptText } from '../../i18n/kept';
import { api } from '../../shared/api/client';
import { Loading, Notice } from '../../shared/states';
import { Dialog } from '../../shared/Dialog';
import { Confirmed } from '../../shared/Confirmed';
import { CopyButton } from '../CopyButton';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

type Kept = components['schemas']['KeptAccount'];
type Line = components['schemas']['SessionLine'];
type Delegation = components['schemas']['DelegationAnswer'];
type Reset = components['schemas']['ResetAnswer'];
type Doing = 'reset' | 'remove' | 'end' | Line | null;

const PROOFS = ['in-person', 'video', 'call-back'] as const;
const OVER = ['declined', 'ended', 'expired'];

/** Somebody else's account: password, second factor, where the person is logged in, delegations; and what to do about them. */
export function AccountDialog({ person, onClose }: { person: { id: number; name: string }; onClose: () => void }): ReactNode {
  const t = useKeptText();
  const words = useAccountText();
  const path = `/admin/users/${String(person.id)}`;
  const account = useResource<Kept>(`${path}/account`);
  const sessions = useResource<{ items: Line[] }>(`${path}/sessions`);
  const { busy, run } = useAction();
  const [doing, setDoing] = useState<Doing>(null);
  const [reset, setReset] = useState<Reset | null>(null);
  const act = async (work: () => Promise<unknown>, done: string): Promise<void> => {
    if (!(await run(work, done))) return;
    setDoing(null);
    account.reload();
    sessions.reload();
  };
  const kept = account.data;
  return (
    <Dialog title={t('of', { name: person.name })} onCancel={onClose} footer={null} width={900}>
      {account.error ? <ProblemNotice error={account.error} onRetry={account.reload} /> : null}
      {!kept && !account.error ? <Loading rows={6} /> : null}
      {kept ? (
        <>
          <Standing kept={kept} />
          {reset ? (
            <Notice tone="good" title={t('resetDone')}>
              <p><code>{reset.login}</code> · <code>{reset.code}</code></p>
              <CopyButton text={reset.code} />
              <p>{t('resetOnce', { at: moment(reset.expiresAt) })}</p>
            </Notice>
          ) : null}
          {kept.removal ? (
            <Removal kept={kept} busy={busy} onDecide={(agrees) => void act(() => api.post(`${path}/second-factor/removal/decision`, { agrees }), t(agrees ? 'agreed' : 'refused'))} />
          ) : null}
          <div className="lb-filters">
            <Button onClick={() => setDoing('reset')}>{t('reset')}</Button>
            {kept.secondFactor.enrolledAt && !kept.removal ? <Button onClick={() => setDoing('remove')}>{t('remove')}</Button> : null}
            {(sessions.data?.items.length ?? 0) > 0 ? <Button onClick={() => setDoing('end')}>{t('endAll')}</Button> : null}
          </div>
          {doing === 'reset' ? <Why key="reset" label={t('resetReason')} busy={busy} onCancel={() => setDoing(null)} onSend={({ reason }) => void act(async () => setReset(await api.post<Reset>(`${path}/password-reset`, { reason })), t('resetDone'))} /> : null}
          {doing === 'remove' ? <Why key="remove" label={t('reason')} asksProof busy={busy} onCancel={() => setDoing(null)} onSend={(body) => void act(() => api.post(`${path}/second-factor/removal`, body), t('asked'))} /> : null}
          {doing === 'end' ? <Why key="end" label={t('endReason')} busy={busy} onCancel={() => setDoing(null)} onSend={({ reason }) => void act(() => api.post(`${path}/sessions/end`, { reason }), t('ended', { count: sessions.data?.items.length ?? 0 }))} /> : null}
          {doing !== null && typeof doing === 'object' ? <Why key={doing.number} label={t('endReasonOf', { device: nameOf(doing, words('sessions.unknown')) })} busy={busy} onCancel={() => setDoing(null)} onSend={({ reason }) => void act(() => api.post(`${path}/sessions/${doing.number}/end`, { reason }), t('ended', { count: 1 }))} /> : null}
          <h2>{t('sessions')}</h2>
          {sessions.error ? <ProblemNotice error={sessions.error} onRetry={sessions.reload} /> : null}
          <Sessions rows={sessions.data?.items} busy={busy} onEnd={setDoing} />
          <h2>{t('delegations')}</h2>
          <Delegations userId={person.id} />
        </>
      ) : null}
    </Dialog>
  );
}

function nameOf(line: Line, unknown: string): string {
  return deviceOf(line.device) || unknown;
}

function Standing({ kept }: { kept: Kept }): ReactNode {
  const t = useKeptText();
  const { enrolledAt, codesLeft, required, dueAt } = kept.secondFactor;
  const password = kept.mustChangePassword ? t('mustChange') : kept.passwordChangedAt ? t('passwordAt', { at: moment(kept.passwordChangedAt) }) : t('never');
  const missing = required ? (dueAt ? t('factorDue', { at: moment(dueAt) }) : t('factorMust')) : t('factorOff');
  return (
    <dl className="lb-facts">
      <div>
        <dt>{t('password')}</dt>
        <dd>
          {password}
          {kept.closedUntil ? <div>{t('closed', { at: moment(kept.closedUntil) })}</div> : null}
        </dd>
      </div>
      <div>
        <dt>{t('factor')}</dt>
        <dd>{enrolledAt ? t('factorOn', { at: moment(enrolledAt), count: codesLeft }) : missing}</dd>
      </div>
    </dl>
  );
}

function Removal({ kept, busy, onDecide }: { kept: Kept; busy: boolean; onDecide: (agrees: boolean) => void }): ReactNode {
  const t = useKeptText();
  const asked = kept.removal;
  if (!asked) return null;
  return (
    <Notice tone="warn" title={t('waiting')}>
      <p>{t('waitingText', { name: asked.askedName, at: moment(asked.askedAt), proof: t(`proof.${asked.proof}`), reason: asked.reason })}</p>
      {asked.mine ? <p>{t('mine')}</p> : (
        <div className="lb-row-buttons">
          <Button type="primary" danger loading={busy} onClick={() => onDecide(true)}>{t('agree')}</Button>
          <Button loading={busy} onClick={() => onDecide(false)}>{t('refuse')}</Button>
        </div>
      )}
    </Notice>
  );
}

interface Given {
  reason: string;
  proof?: string;
}

function Why({ label, asksProof = false, busy, onSend, onCancel }: { label: string; asksProof?: boolean; busy: boolean; onSend: (given: Given) => void; onCancel: () => void }): ReactNode {
  const t = useKeptText();
  return (
    <Form<Given> layout="vertical" onFinish={onSend}>
      {asksProof ? (
        <>
          <p>{t('removeNote')}</p>
          <Form.Item name="proof" label={t('proof')} rules={[{ required: true }]}>
            <Select options={PROOFS.map((value) => ({ value, label: t(`proof.${value}`) }))} />
          </Form.Item>
        </>
      ) : null}
      <Form.Item name="reason" label={label} rules={[{ required: true, min: 2, whitespace: true }]}>
        <Input maxLength={200} autoFocus={!asksProof} autoComplete="off" />
      </Form.Item>
      <div className="lb-row-buttons">
        <Button type="primary" htmlType="submit" loading={busy}>{t('ok')}</Button>
        <Button onClick={onCancel}>{t('cancel')}</Button>
      </div>
    </Form>
  );
}

function Sessions({ rows, busy, onEnd }: { rows: Line[] | undefined; busy: boolean; onEnd: (line: Line) => void }): ReactNode {
  const t = useKeptText();
  const account = useAccountText();
  if (!rows) return <Loading />;
  if (rows.length === 0) return <p>{t('sessionsNone')}</p>;
  const named = (line: Line): string => nameOf(line, account('sessions.unknown'));
  return (
    <WideTable<Line>
      rowKey="number"
      dataSource={rows}
      columns={[
        { title: t('device'), render: (_, line) => named(line) },
        { title: t('network'), dataIndex: 'address' },
        { title: t('method'), render: (_, line) => [...new Set(line.methods.map((method) => account(methodKey(method))))].join(' · ') },
        { title: t('seen'), render: (_, line) => moment(line.lastSeenAt) },
        { title: t('act'), render: (_, line) => <Button type="link" disabled={busy} aria-label={t('endNamed', { device: named(line) })} onClick={() => onEnd(line)}>{t('endOne')}</Button> },
      ]}
    />
  );
}

function Delegations({ userId }: { userId: number }): ReactNode {
  const t = useKeptText();
  const account = useAccountText();
  const { locale } = useLanguage();
  const { busy, run } = useAction();
  const found = useResource<{ items: Delegation[] }>(`/admin/delegations?userId=${String(userId)}`);
  if (found.error) return <ProblemNotice error={found.error} onRetry={found.reload} />;
  if (!found.data) return <Loading />;
  if (found.data.items.length === 0) return <p>{t('delegationsNone')}</p>;
  const pair = (row: Delegation): string => t('pair', { delegate: row.delegateName, delegator: row.delegatorName });
  const end = (row: Delegation): void => void run(() => api.post(`/delegations/${String(row.id)}/end`), t('delegationEnded')).then(found.reload);
  return (
    <WideTable<Delegation>
      rowKey="id"
      dataSource={found.data.items}
      columns={[
        { title: t('delegations'), className: 'lb-wrap', render: (_, row) => pair(row) },
        { title: t('role'), render: (_, row) => `${locale === 'zh' ? row.roleName : row.roleNameEn} · ${row.siteName}` },
        { title: t('term'), render: (_, row) => <>{moment(row.startsAt)} – {moment(row.endsAt)}</> },
        { title: t('standing'), render: (_, row) => account(`standing.${row.standing as 'asked'}`) },
        {
          title: t('act'),
          render: (_, row) => (OVER.includes(row.standing) ? null : (
            <Confirmed ask={t('endSure')} verb={t('end')} onConfirm={() => end(row)} type="link" disabled={busy} aria-label={t('endDelegationNamed', { pair: pair(row) })}>{t('end')}</Confirmed>
          )),
        },
      ]}
    />
  );
}
