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
  const own = session?.user?.isApplicant ?? false;
  const caseNo = encodeURIComponent(submitted.caseNo);
  return (
    <>
      <PageTitle lead={t(own ? 'receipt.lead' : 'window.receiptLead')}>{t('receipt.title')}</PageTitle>
      <div className="p-receipt">
        <Facts
          rows={[
            [t('receipt.caseNo'), <strong key="no" className="lb-number" data-testid="receipt-case-no">{submitted.caseNo}</strong>],
            [t('receipt.queryCode'), <strong key="q" className="lb-number p-query-code" data-testid="receipt-query-code">{submitted.queryCode}</strong>],
          ]}
        />
      </div>
      <Section title={t('receipt.next')}><p>{t(own ? 'receipt.nextText' : 'window.receiptNext')}</p></Section>
      <div className="p-actions lb-no-print">
        {own
          ? <LinkButton to={`/my/${caseNo}`}>{t('receipt.open')}</LinkButton>
          : <a className="lb-button" data-kind="primary" href={`/staff/window/${caseNo}`}>{t('window.serve')}</a>}
        <Button onClick={() => window.print()}>{t('receipt.print')}</Button>
      </div>
    </>
  );
}
