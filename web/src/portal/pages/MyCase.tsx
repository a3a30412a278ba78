import { useState, type ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { FormData } from '../../case/FormData';
import { Facts } from '../../case/CaseSummary';
import { longDueDay, moment, shortDay } from '../../case/dates';
import { Materials } from '../../case/Materials';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { StatusTag, Tag } from '../../case/tags';
import type { MyCase as MyCaseData } from '../../case/types';
import { Loading } from '../../shared/states';
import { ActionsPanel } from '../mycase/Actions';
import { AskedPanel } from '../mycase/AskedPanel';
import { EventsPanel, ProgressPanel } from '../mycase/ProgressPanel';
import { PromisePanel } from '../mycase/PromisePanel';
import { ResponsiblePanel } from '../mycase/ResponsiblePanel';
import { RatingPanel } from '../mycase/RatingPanel';
import { usePortalText } from '../text';
import { Button, LinkButton, PageTitle, Section } from '../ui';

interface PanelProps {
  mine: MyCaseData;
}

function Status({ mine }: PanelProps): ReactElement {
  const { t, pick } = usePortalText();
  return (
    <div className="p-status" role="status">
      <p className="p-card-tags"><StatusTag status={mine.status} name={pick(mine.statusName, mine.statusNameEn)} /></p>
      <p className="p-plain">{pick(mine.plainText, mine.plainTextEn)}</p>
      {mine.flags.some((flag) => flag.code === 'ACCEPTED_ON_RECEIPT') ? <p><Tag tone="info">{t('case.acceptedOnReceipt')}</Tag></p> : null}
      {mine.receivedAt ? <p className="p-hint" data-testid="case-times">{t('case.receivedAt', { at: moment(mine.receivedAt) })}{mine.acceptedAt ? ` · ${t('case.acceptedAt', { at: moment(mine.acceptedAt) })}` : ''}</p> : null}
      {mine.closedAt && mine.resultName ? <p>{t('case.closed', { result: pick(mine.resultName, mine.resultNameEn) })}</p> : null}
    </div>
  );
}

function Todo({ mine }: PanelProps): ReactElement | null {
  const { t, locale } = usePortalText();
  if (mine.tasks.length === 0) return null;
  return (
    <Section title={t('case.tasks')}>
      <ul className="p-cards">
        {mine.tasks.map((task) => (
          <li key={task.id} className="p-card p-card-todo">
            <h3>{task.name}</h3>
            {task.dueAt ? <p>{t('case.taskDue', { date: longDueDay(task.dueAt, locale) })}</p> : null}
            <LinkButton to={`/my/${encodeURIComponent(mine.caseNo)}/tasks/${encodeURIComponent(task.id)}`}>{t('case.taskOpen')}</LinkButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Documents({ mine }: PanelProps): ReactElement {
  const { t } = usePortalText();
  return (
    <Section title={t('case.documents')}>
      {mine.documents.length === 0 ? <p>{t('case.noDocuments')}</p> : null}
      <ul className="p-rows">
        {mine.documents.map((row) => (
          <li key={row.id}>
            <Link to={`/my/${encodeURIComponent(mine.caseNo)}/documents/${String(row.id)}`}>{t('case.documentOpen', { title: row.title })}</Link>
            <span className="p-hint">{shortDay(row.issuedAt)} · {row.number}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Certificates({ mine }: PanelProps): ReactElement | null {
  const { t, pick } = usePortalText();
  if (mine.certificates.length === 0) return null;
  return (
    <Section title={t('case.certificates')}>
      <ul className="p-rows">
        {mine.certificates.map((row) => (
          <li key={row.number}>
            <span><strong>{pick(row.kindName, row.kindNameEn)}</strong> <Tag tone="info">{pick(row.stateName, row.stateNameEn)}</Tag></span>
            <span className="p-hint">
              <span className="lb-number">{row.number}</span>
              {row.validUntil ? ` · ${t('case.validUntil', { date: shortDay(row.validUntil) })}` : ''}{' '}
              <Link to={`/certificates/${encodeURIComponent(row.number)}`} aria-label={`${t('case.verify')} ${pick(row.kindName, row.kindNameEn)}`}>{t('case.verify')}</Link>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Numbers({ mine }: PanelProps): ReactElement {
  const { t } = usePortalText();
  const [shown, setShown] = useState(false);
  return (
    <Section title={t('case.numbers')}>
      <Facts
        rows={[
          [t('case.caseNo'), <span key="c" className="lb-number" data-testid="case-no">{mine.caseNo}</span>],
          [t('case.collabNo'), <span key="o" className="lb-number">{mine.collabNo}</span>],
          [t('case.queryCode'), shown
            ? <span key="q" className="lb-number">{mine.queryCode}</span>
            : <Button key="s" kind="quiet" onClick={() => setShown(true)}>{t('case.queryCodeShow')}</Button>],
        ]}
      />
      <p className="p-hint">{t('case.queryCodeNote')}</p>
    </Section>
  );
}

/** One case of the applicant: where it is, until when, what to do, what was issued. */
export function MyCase(): ReactElement {
  const { t, pick } = usePortalText();
  const { caseNo = '' } = useParams();
  const resource = useResource<MyCaseData>(`/my/cases/${encodeURIComponent(caseNo)}`);
  const mine = resource.data;
  if (!mine) {
    return resource.error
      ? <><PageTitle>{t('cases.title')}</PageTitle><ProblemNotice error={resource.error} onRetry={resource.reload} /><p><Link to="/my">{t('cases.back')}</Link></p></>
      : <Loading rows={12} />;
  }
  return (
    <>
      <PageTitle>{pick(mine.itemName, mine.itemNameEn)}</PageTitle>
      {resource.error ? <ProblemNotice error={resource.error} onRetry={resource.reload} /> : null}
      <Status mine={mine} />
      <Todo mine={mine} />
      <ResponsiblePanel mine={mine} />
      <PromisePanel mine={mine} />
      <AskedPanel mine={mine} />
      <RatingPanel mine={mine} onDone={resource.put} />
      <ProgressPanel mine={mine} />
      <Certificates mine={mine} />
      <Documents mine={mine} />
      <EventsPanel mine={mine} />
      <Section title={t('case.application')}>
        <details className="p-why">
          <summary>{t('case.applicationShow')}</summary>
          <FormData formId={mine.applyFormId} data={mine.application} />
          <h3>{t('case.materials')}</h3>
          <Materials materials={mine.materials} />
        </details>
      </Section>
      <Numbers mine={mine} />
      <ActionsPanel mine={mine} onDone={resource.put} />
    </>
  );
}
