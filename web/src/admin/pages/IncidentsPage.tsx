import { Button, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { moment } from '../../case/dates';
import { pickText } from '../../case/language';
import { query, usePages } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useOperationsText } from '../../i18n/operations';
import { api } from '../../shared/api/client';
import { useMay } from '../../shared/session/useMay';
import { ListPage } from '../ListPage';
import type { IncidentRow } from '../types';
import { useAction } from '../useAction';
import { CorrectionDialog } from './CorrectionDialog';

/** What failed, with the way to go on. */
export function IncidentsPage(): ReactNode {
  const t = useOperationsText();
  const { locale } = useLanguage();
  const [search, setSearch] = useSearchParams();
  const state = search.get('state') === 'resolved' ? 'resolved' : 'open';
  const pages = usePages<IncidentRow>(`/admin/incidents${query({ state })}`);
  const may = useMay();
  const { busy, run } = useAction();
  const [correcting, setCorrecting] = useState<IncidentRow | null>(null);
  const retry = async (id: number): Promise<void> => {
    if (await run(() => api.post(`/admin/incidents/${String(id)}/retry`), t('action.retryDone'))) pages.reload();
  };
  return (
    <>
      <ListPage<IncidentRow>
        title={t('nav.incidents')}
        intro={t('incidents.intro')}
        pages={pages}
        empty={t(state === 'open' ? 'incidents.empty' : 'incidents.emptyResolved')}
        rowKey={(row) => row.id}
        filters={
          <Select
            aria-label={t('cases.state')}
            className="lb-filter-select"
            value={state}
            onChange={(value: string) => setSearch(value === 'open' ? {} : { state: value }, { replace: true })}
            options={[{ value: 'open', label: t('incidents.open') }, { value: 'resolved', label: t('incidents.resolved') }]}
          />
        }
        columns={[
          { title: t('cases.no'), render: (_, row) => <Link className="lb-number" to={`/cases/${encodeURIComponent(row.caseNo)}`}>{row.caseNo}</Link> },
          {
            title: t('incidents.where'),
            render: (_, row) => (
              <>
                {row.elementName}
                <div className="lb-faint">{row.siteName}</div>
              </>
            ),
          },
          {
            title: t('incidents.what'),
            render: (_, row) => (
              <>
                <code>{row.code}</code>
                <div className="lb-break">{row.message}</div>
              </>
            ),
          },
          { title: t('incidents.attempts'), dataIndex: 'attempts', align: 'right' },
          { title: t('incidents.since'), render: (_, row) => moment(row.openedAt) },
          {
            title: t('incidents.next'),
            render: (_, row) => (
              <div className="lb-next">
                <div>{pickText(locale, row.nextAction, row.nextActionEn)}</div>
                {row.resolvedAt || !may('operation:retry') ? null : (
                  <Button size="small" loading={busy} onClick={() => void retry(row.id)}>
                    {t('action.retry')}
                  </Button>
                )}
                {row.mayCorrect && !row.resolvedAt ? (
                  <Button size="small" onClick={() => setCorrecting(row)}>
                    {t('correct.open')}
                  </Button>
                ) : null}
              </div>
            ),
          },
        ]}
      />
      {correcting ? (
        <CorrectionDialog incident={correcting} onClose={() => setCorrecting(null)} onDone={() => { setCorrecting(null); pages.reload(); }} />
      ) : null}
    </>
  );
}
