import { Button } from 'antd';
import { type ReactNode } from 'react';
import { Link, useParams } from 'react-router';

import { BpmnViewer } from '../../bpmn/viewer/BpmnViewer';
import { CaseSummary } from '../../case/CaseSummary';
import { CaseTime } from '../../case/CaseTime';
import { moment } from '../../case/dates';
import { ExternalJobs } from '../../case/ExternalJobs';
import { EvidencePanel } from '../../case/EvidencePanel';
import { Ladder } from '../../case/Ladder';
import { Legs } from '../../case/Legs';
import { Messages } from '../../case/Messages';
import { labelled, pickText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Responsible } from '../../case/Responsible';
import { TimelineLanes } from '../../case/TimelineLanes';
import type { CaseDetail, Diagram, Timeline } from '../../case/types';
import { useLanguage } from '../../i18n';
import { useAdminText } from '../../i18n/admin';
import { api } from '../../shared/api/client';
import { Loading, Notice } from '../../shared/states';
import { useAction } from '../useAction';

/** One case as an administrator sees it: where it stands at each site, what failed, what can be done. */
export function CasePage(): ReactNode {
  const t = useAdminText();
  const { locale } = useLanguage();
  const { caseNo = '' } = useParams();
  const path = `/cases/${encodeURIComponent(caseNo)}`;
  const detail = useResource<CaseDetail>(path);
  return (
    <>
      <div className="lb-page-head">
        <h1>{detail.data ? pickText(locale, detail.data.summary.itemName, detail.data.summary.itemNameEn) : caseNo}</h1>
        <Link to="/cases">{t('case.back')}</Link>
      </div>
      {detail.error ? <ProblemNotice error={detail.error} onRetry={detail.reload} /> : null}
      {detail.data ? <Case detail={detail.data} path={path} onChange={detail.reload} /> : detail.error ? null : <Loading />}
    </>
  );
}

function Case({ detail, path, onChange }: { detail: CaseDetail; path: string; onChange: () => void }): ReactNode {
  const t = useAdminText();
  return (
    <div className="lb-case-admin">
      <Responsible caseNo={detail.summary.caseNo} />
      <CaseSummary summary={detail.summary} />
      <Incidents detail={detail} onChange={onChange} />
      <section>
        <h2>{t('case.diagram')}</h2>
        <PositionDiagram path={path} detail={detail} />
      </section>
      <section>
        <h2>{t('case.legs')}</h2>
        <Legs legs={detail.legs} />
      </section>
      <section>
        <h2>{t('case.clocks')}</h2>
        <CaseTime caseNo={detail.summary.caseNo} />
      </section>
      <section>
        <h2>{t('case.ladder')}</h2>
        <Ladder steps={detail.ladder} />
      </section>
      <section>
        <h2>{t('case.timeline')}</h2>
        <JointTimeline path={path} />
      </section>
      <section>
        <h2>{t('case.messages')}</h2>
        <Messages messages={detail.messages} />
      </section>
      <ExternalJobs jobs={detail.jobs} />
      <EvidencePanel caseNo={detail.summary.caseNo} />
    </div>
  );
}

function Incidents({ detail, onChange }: { detail: CaseDetail; onChange: () => void }): ReactNode {
  const t = useAdminText();
  const { locale } = useLanguage();
  const { busy, run } = useAction();
  const retry = async (id: number): Promise<void> => {
    if (await run(() => api.post(`/admin/incidents/${String(id)}/retry`), t('action.retryDone'))) onChange();
  };
  if (detail.incidents.length === 0) return null;
  return (
    <section aria-label={t('case.incidents')}>
      {detail.incidents.map((incident) => (
        <Notice key={incident.id} tone="bad" title={labelled(locale, t('case.incidents'), incident.elementName)}>
          <p>{incident.message}</p>
          <p className="lb-faint">{moment(incident.openedAt)}</p>
          {detail.may.retry ? (
            <Button size="small" loading={busy} onClick={() => void retry(incident.id)}>
              {t('action.retry')}
            </Button>
          ) : null}
        </Notice>
      ))}
    </section>
  );
}

function PositionDiagram({ path, detail }: { path: string; detail: CaseDetail }): ReactNode {
  const { locale } = useLanguage();
  const diagram = useResource<Diagram>(`${path}/diagram`);
  if (diagram.error) return <ProblemNotice error={diagram.error} onRetry={diagram.reload} />;
  if (!diagram.data) return <Loading />;
  const sites = new Map(detail.legs.map((leg) => [leg.id, leg.siteName]));
  const legs = diagram.data.legs.map((leg) => ({ ...leg, siteName: sites.get(leg.legId) ?? '' }));
  return <BpmnViewer xml={diagram.data.xml} legs={legs} locale={locale} height={520} />;
}

function JointTimeline({ path }: { path: string }): ReactNode {
  const timeline = useResource<Timeline>(`${path}/timeline`);
  if (timeline.error) return <ProblemNotice error={timeline.error} onRetry={timeline.reload} />;
  return timeline.data ? <TimelineLanes timeline={timeline.data} newestFirst /> : <Loading />;
}
