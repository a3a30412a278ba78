import { Button } from 'antd';
import type { ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { DocumentSheet } from '../../case/DocumentSheet';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import type { DocumentView } from '../../case/types';
import { Loading } from '../../shared/states';
import { useStaffText } from '../text';

/** An issued document, to read and to print; `atWindow`: for the applicant who stands at the window. */
export function DocumentPage({ atWindow = false }: { atWindow?: boolean }): ReactElement {
  const { t } = useStaffText();
  const { caseNo = '', id = '' } = useParams();
  const number = encodeURIComponent(caseNo);
  const sheet = useResource<DocumentView>(`${atWindow ? '/window' : ''}/cases/${number}/documents/${encodeURIComponent(id)}`);
  return (
    <>
      <div className="s-head lb-no-print">
        <Link to={atWindow ? `/window/${number}` : `/cases/${number}?tab=documents`}>{t('document.back')}</Link>
        <Button onClick={() => window.print()} disabled={!sheet.data}>{t('document.print')}</Button>
      </div>
      {sheet.error ? <><h1>{t('document.title')}</h1><ProblemNotice error={sheet.error} onRetry={sheet.reload} /></> : null}
      {sheet.data ? <DocumentSheet document={sheet.data} /> : sheet.loading ? <Loading rows={10} /> : null}
    </>
  );
}
