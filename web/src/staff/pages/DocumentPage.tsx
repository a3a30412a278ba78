import { Button } from 'antd';
import type { ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { DocumentSheet } from '../../case/DocumentSheet';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import type { DocumentView } from '../../case/types';
import { Loading } from '../../shared/states';
import { useStaffText } from '../text';

/** An issued document, to read and to print. */
export function DocumentPage(): ReactElement {
  const { t } = useStaffText();
  const { caseNo = '', id = '' } = useParams();
  const sheet = useResource<DocumentView>(`/cases/${encodeURIComponent(caseNo)}/documents/${encodeURIComponent(id)}`);
  return (
    <>
      <div className="s-head lb-no-print">
        <Link to={`/cases/${encodeURIComponent(caseNo)}?tab=documents`}>{t('document.back')}</Link>
        <Button onClick={() => window.print()} disabled={!sheet.data}>{t('document.print')}</Button>
      </div>
      {sheet.error ? <><h1>{t('document.title')}</h1><ProblemNotice error={sheet.error} onRetry={sheet.reload} /></> : null}
      {sheet.data ? <DocumentSheet document={sheet.data} /> : sheet.loading ? <Loading rows={10} /> : null}
    </>
  );
}
