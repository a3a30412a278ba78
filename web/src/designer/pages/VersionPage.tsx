import { type ReactNode } from 'react';
import { Link, useParams } from 'react-router';

import { BpmnViewer } from '../../bpmn/viewer/BpmnViewer';
import { useLanguage } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import { api } from '../../shared/api/client';
import { useLoad } from '../../shared/api/useLoad';
import { ErrorState, Loading } from '../../shared/states';

/** One deployed version, to look at. */
export function VersionPage(): ReactNode {
  const t = useDesignerText();
  const { locale } = useLanguage();
  const { key = '', id = '' } = useParams();
  const loaded = useLoad((signal) => api.get<string>(`/definitions/versions/${id}/xml`, { signal }), id);
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('versions.title', { name: key })}</h1>
        <Link to={`/versions/${key}`}>{t('action.versions')}</Link>
      </div>
      {loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : null}
      {loaded.data ? <BpmnViewer xml={loaded.data} locale={locale} height="calc(100vh - 12rem)" /> : loaded.problem ? null : <Loading />}
    </>
  );
}
