import { useEffect, type ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { DocumentSheet } from '../../case/DocumentSheet';
import { ProblemNotice } from '../../case/problem';
import { Loading } from '../../shared/states';
import { useResource } from '../../case/resource';
import type { DocumentView } from '../../case/types';
import { usePortalText } from '../text';
import { Button } from '../ui';

/** An issued document, to read and to print. */
export function DocumentPage(): ReactElement {
  const { t } = usePortalText();
  const { caseNo = '', id = '' } = useParams();
  const sheet = useResource<DocumentView>(`/cases/${encodeURIComponent(caseNo)}/documents/${encodeURIComponent(id)}`);
  const title = sheet.data?.title ?? t('case.documents');
  useEffect(() => { document.title = `${title} - ${t('brand')}`; }, [title, t]);
  return (
    <>
      <div className="p-actions lb-no-print">
        <Link to={`/my/${encodeURIComponent(caseNo)}`}>{t('document.back')}</Link>
        <Button onClick={() => window.print()} disabled={!sheet.data}>{t('document.print')}</Button>
      </div>
      {sheet.error ? <><h1>{title}</h1><ProblemNotice error={sheet.error} onRetry={sheet.reload} /></> : null}
      {sheet.data ? <DocumentSheet document={sheet.data} /> : sheet.loading ? <Loading rows={10} /> : null}
    </>
  );
}
