import { Button } from 'antd';
import { useState, type ReactElement } from 'react';

import type { components } from '../api/schema';
import { useLanguage } from '../i18n';
import { usePrivacyText } from '../i18n/privacy';
import { api } from '../shared/api/client';
import { Loading, Notice } from '../shared/states';
import { moment } from './dates';
import { ProblemNotice } from './problem';
import { labelled } from './language';
import { useResource } from './resource';
import type { Page } from './types';

type Pending = components['schemas']['PendingAnswer'];

/** Requests to see personal data that wait for this reader's agreement. */
export function UnmaskRequests({ level = 'h1' }: { level?: 'h1' | 'h2' }): ReactElement {
  const t = usePrivacyText();
  const { locale } = useLanguage();
  const Heading = level;
  const pending = useResource<Page<Pending>>('/unmask-requests');
  const [said, setSaid] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const decide = (row: Pending, agrees: boolean): void => {
    setError(null);
    api.post(`/unmask-requests/${String(row.id)}/decision`, { agrees }).then(() => { setSaid(true); pending.reload(); }, setError);
  };
  const rows = pending.data?.items ?? [];
  return (
    <section className="lb-privacy">
      <Heading>{t('requests.title')}</Heading>
      {said ? <Notice tone="good">{t('requests.done')}</Notice> : null}
      {error ? <ProblemNotice error={error} /> : null}
      {pending.error ? <ProblemNotice error={pending.error} onRetry={pending.reload} /> : null}
      {!pending.data && pending.loading ? <Loading rows={3} /> : null}
      {pending.data && rows.length === 0 ? <p className="lb-none">{t('requests.none')}</p> : null}
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            {t('requests.line', { name: row.askedBy, case: row.caseNo })} <span className="lb-faint">{moment(row.askedAt)}</span><br />
            {labelled(locale, locale === 'zh' ? row.purpose : row.purposeEn, row.reason)}
            <p className="lb-row">
              <Button type="primary" onClick={() => decide(row, true)}>{t('requests.agree')}</Button>
              <Button onClick={() => decide(row, false)}>{t('requests.refuse')}</Button>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
