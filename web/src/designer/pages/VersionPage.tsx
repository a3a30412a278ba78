import { type ReactNode } from 'react';
import { Link, useParams } from 'react-router';

import { BpmnViewer } from '../../bpmn/viewer/BpmnViewer';
import { useLanguage } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import { api } from '../../shared/api/client';
import { useLoad } from '../../shared/api/useLoad';
import { ErrorState, Loading } from '../../shared/states';
import { type Many, rows, type VersionRow } from '../types';

/** One deployed version, to look at. */
export function VersionPage(): ReactNode {
  const t = useDesignerText();
  const { locale } = useLanguage();
  const { key = '', id = '' } = useParams();
  const loaded = useLoad((signal) => api.get<string>(`/definitions/versions/${id}/xml`, { signal }), id);
  const versions = useLoad((signal) => api.get<Many<VersionRow>>(`/definitions/${key}/versions`, { signal }).then(rows), key);
  const version = versions.data?.find((each) => String(each.id) === id);
  return (
    <>
      <div className="lb-page-head">
        <h1>{version ? `${version.name} · ${t('versions.number', { version: version.version })}` : key}</h1>
        <Link to={`/versions/${key}`}>{t('action.versions')}</Link>
      </div>
      {loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : null}
      {loaded.data ? <BpmnViewer xml={loaded.data} locale={locale} height="calc(100vh - 12rem)" /> : loaded.problem ? null : <Loading />}
    </>
  );
}
