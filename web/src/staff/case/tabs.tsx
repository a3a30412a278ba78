import { lazy, Suspense, useState, type ReactElement } from 'react';
import { Link } from 'react-router';

import { CaseSummary } from '../../case/CaseSummary';
import { CaseTime } from '../../case/CaseTime';
import { dueDay, moment, shortDay } from '../../case/dates';
import { EvidencePanel } from '../../case/EvidencePanel';
import { ExternalJobs } from '../../case/ExternalJobs';
import { Legs } from '../../case/Legs';
import { labelled, useCaseText } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { isKeyEvent, TimelineLanes } from '../../case/TimelineLanes';
import type { CaseDetail, Diagram, DocumentRow, Timeline } from '../../case/types';
import { Loading, Notice } from '../../shared/states';
import { useStaffText, type StaffTextKey } from '../text';
import { Offered } from './Offered';

const BpmnViewer = lazy(() => import('../../bpmn/viewer/BpmnViewer').then((module) => ({ default: module.BpmnViewer })));

interface TabProps {
  detail: CaseDetail;
}

function Tasks({ detail }: TabProps): ReactElement | null {
  const { t, has } = useStaffText();
  if (detail.tasks.length === 0) return null;
  return (
    <section className="s-block">
      <h2>{t('case.tasks')}</h2>
      <table className="lb-table lb-stack">
        <caption className="lb-visually-hidden">{t('case.tasks')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('case.task.name')}</th>
            <th scope="col">{t('case.task.site')}</th>
            <th scope="col">{t('case.task.state')}</th>
            <th scope="col">{t('case.task.assignee')}</th>
            <th scope="col">{t('case.task.due')}</th>
            <th scope="col">{t('case.task.closed')}</th>
          </tr>
        </thead>
        <tbody>
          {detail.tasks.map((task) => {
            const key = `case.taskState.${task.state.toUpperCase()}`;
            return (
              <tr key={task.id}>
                <td data-label={t('case.task.name')}>{task.closedAt ? task.name : <Link to={`/tasks/${encodeURIComponent(task.id)}`}>{task.name}</Link>}</td>
                <td data-label={t('case.task.site')}>{task.siteName}</td>
                <td data-label={t('case.task.state')}><Tag tone={task.closedAt ? 'mute' : 'info'}>{has(key) ? t(key as StaffTextKey) : task.state}</Tag></td>
                <td data-label={t('case.task.assignee')}>{task.assigneeName}</td>
                <td data-label={t('case.task.due')} className="s-time">{dueDay(task.dueAt)}</td>
                <td data-label={t('case.task.closed')} className="s-time">{moment(task.closedAt)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

export function Overview({ detail, onChanged }: TabProps & { onChanged: () => void }): ReactElement {
  const { t, locale } = useStaffText();
  const { t: c } = useCaseText();
  return (
    <>
      {detail.incidents.map((incident) => (
        <Notice key={incident.id} tone="bad" title={t('case.incidents')}>
          <p>{incident.elementName ? labelled(locale, incident.elementName, incident.message) : incident.message}</p>
          <p className="lb-faint">{moment(incident.openedAt)}</p>
        </Notice>
      ))}
      <Offered detail={detail} onChanged={onChanged} />
      <div className="s-columns">
        <section className="s-block"><h2>{c('summary.heading')}</h2><CaseSummary summary={detail.summary} /></section>
        <div>
          <section className="s-block"><h2>{c('legs.heading')}</h2><Legs legs={detail.legs} /></section>
          <section className="s-block"><h2>{c('clock.heading')}</h2><CaseTime caseNo={detail.summary.caseNo} acts documentOf={(id) => `/cases/${encodeURIComponent(detail.summary.caseNo)}/documents/${String(id)}`} onChanged={onChanged} /></section>
          <Results detail={detail} />
        </div>
      </div>
      <ExternalJobs jobs={detail.jobs} />
      <Tasks detail={detail} />
    </>
  );
}

function Results({ detail }: TabProps): ReactElement | null {
  const { t, pick } = useStaffText();
  const { t: c } = useCaseText();
  if (detail.certificates.length === 0 && detail.registrations.length === 0) return null;
  return (
    <section className="s-block">
      <h2>{c('certificates.heading')}</h2>
      <ul className="s-plain">
        {detail.certificates.map((row) => (
          <li key={row.number}>
            <strong>{pick(row.kindName, row.kindNameEn)}</strong> <Tag tone="info">{pick(row.stateName, row.stateNameEn)}</Tag> <span className="lb-number">{row.number}</span>{' '}
            {row.validUntil ? <span className="lb-faint">{c('certificates.validUntil', { date: shortDay(row.validUntil) })}</span> : null}
          </li>
        ))}
        {detail.registrations.map((row, index) => (
          <li key={index}><strong>{t('case.registrations')}</strong> <Tag tone="info">{pick(row.stateName, row.stateNameEn)}</Tag> {row.personMasked} <span className="lb-faint">{row.siteName}</span></li>
        ))}
      </ul>
    </section>
  );
}

export function TimelineTab({ caseNo }: { caseNo: string }): ReactElement {
  const { t } = useCaseText();
  const resource = useResource<Timeline>(`/cases/${encodeURIComponent(caseNo)}/timeline`);
  const [newest, setNewest] = useState(false);
  const [all, setAll] = useState(false);
  if (resource.error) return <ProblemNotice error={resource.error} onRetry={resource.reload} />;
  if (!resource.data) return <Loading rows={10} />;
  const { lanes, events } = resource.data;
  const shown = all ? events : events.filter(isKeyEvent);
  return (
    <section className="s-block">
      <p className="s-end">
        <span className="lb-faint" role="status">{t('timeline.shown', { n: shown.length, total: events.length })}</span>
        <button type="button" className="lb-button" data-kind="quiet" onClick={() => setAll(!all)}>{t(all ? 'timeline.keyOnly' : 'timeline.all')}</button>
        <button type="button" className="lb-button" data-kind="quiet" onClick={() => setNewest(!newest)}>{t(newest ? 'timeline.oldestFirst' : 'timeline.newestFirst')}</button>
      </p>
      <TimelineLanes timeline={{ lanes, events: shown }} newestFirst={newest} />
      <EvidencePanel caseNo={caseNo} />
    </section>
  );
}

/** The diagram with the current positions; the viewer brings its list for those who cannot see it. */
export function DiagramTab({ caseNo, detail }: TabProps & { caseNo: string }): ReactElement {
  const { t, locale } = useStaffText();
  const resource = useResource<Diagram>(`/cases/${encodeURIComponent(caseNo)}/diagram`);
  if (resource.error) return <ProblemNotice error={resource.error} onRetry={resource.reload} />;
  if (!resource.data) return <Loading rows={10} />;
  const { xml, legs, definitionKey, definitionVersion } = resource.data;
  const named = legs.map((leg) => {
    const siteName = detail.legs.find((view) => view.id === leg.legId)?.siteName;
    return siteName ? { ...leg, siteName } : leg;
  });
  return (
    <section className="s-block">
      <p className="lb-faint">{t('case.diagramVersion', { key: definitionKey, version: definitionVersion })}</p>
      <Suspense fallback={<Loading rows={8} />}><BpmnViewer xml={xml} legs={named} height={520} locale={locale} /></Suspense>
      <Legs legs={detail.legs} />
    </section>
  );
}

export function DocumentList({ caseNo, documents }: { caseNo: string; documents: DocumentRow[] }): ReactElement {
  const { t } = useCaseText();
  if (documents.length === 0) return <p className="lb-none">{t('documents.empty')}</p>;
  return (
    <ul className="s-plain">
      {documents.map((row) => (
        <li key={row.id}>
          <Link to={`/cases/${encodeURIComponent(caseNo)}/documents/${String(row.id)}`}>{row.title}</Link>
          <span className="lb-number">{row.number}</span> <span className="lb-faint">{[row.siteName, shortDay(row.issuedAt)].filter(Boolean).join(' · ')}</span>
        </li>
      ))}
    </ul>
  );
}
