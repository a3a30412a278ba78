import type { ReactElement } from 'react';

import { Facts } from '../../case/CaseSummary';
import type { MyCase } from '../../case/types';
import { useSession } from '../../shared/session';
import { usePortalText } from '../text';
import { Button, LinkButton, PageTitle, Section } from '../ui';

/** What to keep after submitting: the numbers and what happens next. */
export function Receipt({ submitted }: { submitted: MyCase }): ReactElement {
  const { t } = usePortalText();
  const { session } = useSession();
  return (
    <>
      <PageTitle lead={t('receipt.lead')}>{t('receipt.title')}</PageTitle>
      <div className="p-receipt">
        <Facts
          rows={[
            [t('receipt.caseNo'), <strong key="no" className="lb-number" data-testid="receipt-case-no">{submitted.caseNo}</strong>],
            [t('receipt.queryCode'), <strong key="q" className="lb-number p-query-code" data-testid="receipt-query-code">{submitted.queryCode}</strong>],
          ]}
        />
      </div>
      <Section title={t('receipt.next')}><p>{t('receipt.nextText')}</p></Section>
      <div className="p-actions lb-no-print">
        {session?.user?.isApplicant
          ? <LinkButton to={`/my/${encodeURIComponent(submitted.caseNo)}`}>{t('receipt.open')}</LinkButton>
          : <a className="lb-button" href={`/staff/cases/${encodeURIComponent(submitted.caseNo)}`}>{t('window.open')}</a>}
        <Button onClick={() => window.print()}>{t('receipt.print')}</Button>
      </div>
    </>
  );
}
