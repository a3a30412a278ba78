import { Button } from 'antd';
import { useState, type ReactElement } from 'react';
import { Link } from 'react-router';

import { shortDay } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import type { components } from '../../api/schema';
import { api } from '../../shared/api/client';
import { Notice } from '../../shared/states';
import { useWindowWords, windowPath, type WindowCaseData } from './text';

type HandedOver = components['schemas']['HandedOver'];
const PROOF = 'SDHZ';

/** 文书 for the applicant: to print, and to hand over with a 送达回证 that is signed at the window. */
export function Papers({ served, onChanged }: { served: WindowCaseData; onChanged: () => void }): ReactElement {
  const { t } = useWindowWords();
  const [proof, setProof] = useState<number | null>(null);
  const [busy, setBusy] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const sheet = (id: number): string => `/window/${encodeURIComponent(served.caseNo)}/documents/${String(id)}`;
  const hand = (id: number): void => {
    setBusy(id);
    setError(null);
    api.post<HandedOver>(`${windowPath(served.caseNo)}/documents/${String(id)}/hand-over`)
      .then((answer) => { setProof(answer.documentId); onChanged(); }, setError)
      .finally(() => setBusy(null));
  };
  return (
    <section className="s-block">
      <h2>{t('documents')}</h2>
      {served.documents.length === 0 ? <p className="lb-none">{t('documents.none')}</p> : null}
      <ul className="s-plain s-window-papers">
        {served.documents.map((row) => (
          <li key={row.id}>
            <span><strong>{row.title}</strong> <span className="lb-number">{row.number}</span> <span className="lb-faint">{shortDay(row.issuedAt)}</span></span>
            <span className="lb-row">
              <Link to={sheet(row.id)} aria-label={`${t('documents.print')} ${row.title} ${row.number}`}>{t('documents.print')}</Link>
              {row.code === PROOF ? null : (
                <Button size="small" disabled={!served.visit} loading={busy === row.id} aria-label={`${t('documents.hand')} ${row.title} ${row.number}`} onClick={() => hand(row.id)}>
                  {t('documents.hand')}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {error ? <ProblemNotice error={error} /> : null}
      {proof === null ? null : <Notice tone="good"><p>{t('documents.handed')} <Link to={sheet(proof)}>{t('documents.proof')}</Link></p></Notice>}
    </section>
  );
}
