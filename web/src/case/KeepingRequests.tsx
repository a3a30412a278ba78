import { Button } from 'antd';
import { useState, type ReactElement } from 'react';

import type { components } from '../api/schema';
import { usePrivacyText } from '../i18n/privacy';
import { api } from '../shared/api/client';
import { Confirmed } from '../shared/Confirmed';
import { useSitesHeld } from '../shared/session/useSitesHeld';
import { Loading, Notice } from '../shared/states';
import { moment } from './dates';
import { ProblemNotice } from './problem';
import { useResource } from './resource';
import type { Page } from './types';

type Erasure = components['schemas']['ErasureAnswer'];
type Hold = components['schemas']['HoldAnswer'];

/** Deletions, and what keeps cases from it, that wait for the agreement of this reader as the second person. */
export function KeepingRequests(): ReactElement {
  const sites = useSitesHeld('APPROVER');
  return <>{[...sites].map(([id, name]) => <OfSite key={id} siteId={id} name={name} />)}</>;
}

function OfSite({ siteId, name }: { siteId: number; name: string }): ReactElement {
  const t = usePrivacyText();
  const erasures = useResource<Page<Erasure>>(`/retention/erasures?siteId=${String(siteId)}`);
  const holds = useResource<Page<Hold>>(`/retention/holds?siteId=${String(siteId)}`);
  const [error, setError] = useState<unknown>(null);
  const [said, setSaid] = useState(false);
  const decide = (path: string, agrees: boolean): void => {
    setError(null);
    setSaid(false);
    api.post(`${path}/decision`, { agrees }).then(() => { setSaid(true); erasures.reload(); holds.reload(); }, setError);
  };
  const rows = [
    ...(erasures.data?.items ?? []).filter((row) => row.state === 'asked' && !row.mine).map((row) => ({
      path: `/retention/erasures/${String(row.id)}`,
      words: t('second.erasure', { name: row.askedName, what: t(`erasures.${row.what}`, { n: row.cases }), reason: row.reason }),
      at: row.askedAt,
      ask: t(row.what === 'cases' ? 'erasures.sure' : 'erasures.sureMaterials', { n: row.cases }),
    })),
    ...(holds.data?.items ?? []).filter((row) => (row.state === 'asked' || row.state === 'release-asked') && !row.mine).map((row) => ({
      path: `/retention/holds/${String(row.id)}`,
      words: row.state === 'asked'
        ? t('second.hold', { name: row.heldBy, case: row.caseNo, reason: row.reason })
        : t('second.release', { name: row.releaseAskedBy, case: row.caseNo, reason: row.releaseReason }),
      at: row.state === 'asked' ? row.heldAt : (row.releaseAskedAt ?? row.heldAt),
      ask: '',
    })),
  ];
  return (
    <section className="lb-privacy">
      <h2>{t('second.title')} <small>{name}</small></h2>
      {error ? <ProblemNotice error={error} /> : null}
      {erasures.error ? <ProblemNotice error={erasures.error} onRetry={erasures.reload} /> : null}
      {holds.error ? <ProblemNotice error={holds.error} onRetry={holds.reload} /> : null}
      {(!erasures.data && erasures.loading) || (!holds.data && holds.loading) ? <Loading rows={2} /> : null}
      {said ? <Notice tone="good">{t('requests.done')}</Notice> : null}
      {erasures.data && holds.data && rows.length === 0 ? <p className="lb-none">{t('second.none')}</p> : null}
      <ul>
        {rows.map((row) => (
          <li key={row.path}>
            {row.words} <span className="lb-faint">{moment(row.at)}</span>
            <p className="lb-row">
              {row.ask ? (
                <Confirmed ask={row.ask} verb={t('erasures.agree')} onConfirm={() => decide(row.path, true)} danger>{t('erasures.agree')}</Confirmed>
              ) : <Button type="primary" onClick={() => decide(row.path, true)}>{t('requests.agree')}</Button>}
              <Button onClick={() => decide(row.path, false)}>{t('requests.refuse')}</Button>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
