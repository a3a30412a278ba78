import type { ReactElement } from 'react';

import { Facts } from '../../case/CaseSummary';
import type { MyCase } from '../../case/types';
import { usePortalText } from '../text';
import { Button, LinkButton, PageTitle, Section } from '../ui';

/** What to keep after submitting: the numbers and what happens next. */
export function Receipt({ submitted }: { submitted: MyCase }): ReactElement {
  const { t } = usePortalText();
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
        <LinkButton to={`/my/${encodeURIComponent(submitted.caseNo)}`}>{t('receipt.open')}</LinkButton>
        <Button onClick={() => window.print()}>{t('receipt.print')}</Button>
      </div>
    </>
  );
}
