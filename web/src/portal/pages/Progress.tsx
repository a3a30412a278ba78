import { useState, type ReactElement } from 'react';

import { api } from '../../shared/api/client';
import { Facts } from '../../case/CaseSummary';
import { longDueDay } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import type { AnonymousProgress } from '../../case/types';
import { Notice } from '../../shared/states';
import { stoppedText, usePortalText } from '../text';
import { Button, Field, PageTitle, Section } from '../ui';

/** Progress without logging in: query code and the last four of the identity number, sent in the body only. */
export function Progress(): ReactElement {
  const { t, locale, pick } = usePortalText();
  const [queryCode, setQueryCode] = useState('');
  const [idLast4, setIdLast4] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [found, setFound] = useState<AnonymousProgress | null>(null);
  const codeError = /^\d{12}$/.test(queryCode.trim()) ? undefined : t('progress.codeWrong');
  const idError = /^\d{3}[\dXx]$/.test(idLast4.trim()) ? undefined : t('progress.idWrong');
  const ask = (): void => {
    setTried(true);
    if (codeError || idError) return;
    setBusy(true);
    setError(null);
    setFound(null);
    api.post<AnonymousProgress>('/progress', { queryCode: queryCode.trim(), idLast4: idLast4.trim().toUpperCase() })
      .then(setFound, setError)
      .finally(() => setBusy(false));
  };
  return (
    <>
      <PageTitle lead={t('progress.lead')}>{t('progress.title')}</PageTitle>
      <form className="p-form" noValidate onSubmit={(event) => { event.preventDefault(); ask(); }}>
        <Field label={t('progress.code')} value={queryCode} onChange={setQueryCode} inputMode="numeric" maxLength={14} autoComplete="off" error={tried ? codeError : undefined} />
        <Field label={t('progress.id')} value={idLast4} onChange={setIdLast4} maxLength={4} autoComplete="off" error={tried ? idError : undefined} />
        <Button type="submit" kind="primary" busy={busy}>{t('progress.submit')}</Button>
      </form>
      {error ? <ProblemNotice error={error} /> : null}
      {found ? (
        <div role="status">
          <Section title={t('progress.result')}>
            <p className="p-plain">{pick(found.plainText, found.plainTextEn)}</p>
            <Facts
              rows={[
                [t('case.item'), pick(found.itemName, found.itemNameEn)],
                [t('case.caseNo'), <span key="no" className="lb-number">{found.caseNo}</span>],
                [t('case.status'), pick(found.statusName, found.statusNameEn)],
                [t('case.promise'), found.stopped ? stoppedText(found, t, pick) : longDueDay(found.promiseDueAt, locale)],
              ]}
            />
            {found.waitsForApplicant ? (
              <Notice tone="warn" title={t('progress.waits')}>
                <p>{found.window ? t('progress.waitsWindow', { site: found.window.siteName }) : t('progress.waitsOnline')}</p>
                {found.window ? <p>{[found.window.address, found.window.phone].filter(Boolean).join(' · ')}</p> : null}
              </Notice>
            ) : null}
            <p className="p-hint">{found.window ? t('progress.windowHint', { site: found.window.siteName }) : t('progress.loginHint')}</p>
          </Section>
        </div>
      ) : null}
    </>
  );
}
