import { Button, Checkbox, Input } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../api/schema';
import { useLanguage } from '../i18n';
import { useContractText } from '../i18n/contracts';
import { api } from '../shared/api/client';
import { Confirmed } from '../shared/Confirmed';
import { useSession } from '../shared/session';
import { WideTable } from '../shared/WideTable';
import { moment } from './dates';
import { bracketed, labelled } from './language';
import { ProblemNotice } from './problem';
import { Tag } from './tags';

export type Contract = components['schemas']['ContractAnswer'];
type Draft = components['schemas']['ContractDraftAnswer'];
type Difference = components['schemas']['ContractDifference'];
interface Props {
  contract: Contract;
  draft: Draft;
  /** The contract after an act. */
  onDone: () => void;
}

/** An edition that waits for both sides: what it changes, who agreed, and agreeing for one's own site. */
export function ContractDraft({ contract, draft, onDone }: Props): ReactNode {
  const t = useContractText();
  const { locale } = useLanguage();
  const { session } = useSession();
  const [error, setError] = useState<unknown>(null);
  const [reason, setReason] = useState('');
  const [read, setRead] = useState(false);
  const [busy, setBusy] = useState(false);
  const place = `/contracts/${contract.itemCode}/draft`;
  const mine = contract.approvers;
  const isOutside = mine.length === 0 && (session?.user?.functions.includes('contract:approve') ?? false);
  const agreed = new Map(draft.approvals.map((each) => [each.side, each]));
  const act = (work: () => Promise<unknown>): void => {
    setBusy(true);
    setError(null);
    work().then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <section aria-labelledby="contract-draft">
      <h2 id="contract-draft">{t('dc.draft')}</h2>
      <p>
        {draft.note} · {t('dc.from', { day: draft.inForceOn })} · {draft.drafter} {moment(draft.draftedAt)}
      </p>
      <Differences of={draft.differences} />
      <ul>
        {(['main', 'partner'] as const).map((side) => {
          const given = agreed.get(side);
          return (
            <li key={side}>
              {labelled(locale, t(`dc.side.${side}`), given ? `${given.siteName} ${given.person} ${moment(given.at)}` : t('dc.waits'))}
            </li>
          );
        })}
      </ul>
      {error ? <ProblemNotice error={error} /> : null}
      {isOutside ? <p className="lb-soft">{t('dc.noSide')}</p> : null}
      {mine.length > 0 ? (
        <>
          <Checkbox checked={read} onChange={(event) => setRead(event.target.checked)}>{t('dc.read')}</Checkbox>
          {mine.map((held) => (
            <p key={held.siteId} className="lb-row">
              {held.siteName}
              {held.sides.filter((side) => !agreed.has(side)).map((side) => (
                <Button
                  key={side}
                  type="primary"
                  disabled={!read || busy}
                  onClick={() => act(() => api.post(`${place}/approval`, { siteId: held.siteId, side, revision: draft.revision }))}
                >
                  {t('dc.approve', { side: t(`dc.side.${side}`) })}
                </Button>
              ))}
              <Input
                aria-label={t('dc.reason')}
                placeholder={t('dc.reason')}
                maxLength={300}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
              <Button
                disabled={busy || reason.trim().length < 4}
                onClick={() => act(() => api.post(`${place}/refusal`, { siteId: held.siteId, reason, revision: draft.revision }))}
              >
                {t('dc.refuse')}
              </Button>
            </p>
          ))}
        </>
      ) : null}
      {session?.user?.functions.includes('contract:draft') ? (
        <Confirmed ask={t('dc.dropSure')} verb={t('dc.drop')} danger disabled={busy} onConfirm={() => act(() => api.delete(place))}>{t('dc.drop')}</Confirmed>
      ) : null}
    </section>
  );
}

function Differences({ of }: { of: Difference[] }): ReactNode {
  const t = useContractText();
  const { locale } = useLanguage();
  return (
    <WideTable<Difference>
      scroll={{ x: 640 }}
      rowKey={(row) => [row.what, row.kind, row.subject, row.message, row.sender].join(' ')}
      dataSource={of}
      columns={[
        {
          title: t('dc.change'),
          render: (_, row) => <Tag tone={row.widens ? 'warn' : 'mute'}>{t(`dc.kind.${row.kind}`)}</Tag>,
        },
        { title: t('dc.what'), render: (_, row) => t(`dc.what.${row.what}`) },
        { title: t('dc.message'), render: (_, row) => (row.message ? `${row.message}${bracketed(locale, t(row.sender === 'main' ? 'dc.way.main' : 'dc.way.partner'))}` : '') },
        { title: t('dc.subject'), render: (_, row) => <span className="lb-break">{[row.subject, row.after || row.before].filter(Boolean).join(' ')}</span> },
      ]}
    />
  );
}
