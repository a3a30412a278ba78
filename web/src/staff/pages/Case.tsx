import { Button, Tabs } from 'antd';
import { useState, type ReactElement, type ReactNode } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';

import { Letters } from '../../case/Letters';
import { Ladder } from '../../case/Ladder';
import { useCaseText } from '../../case/language';
import { Materials } from '../../case/Materials';
import { Messages } from '../../case/Messages';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Responsible } from '../../case/Responsible';
import { Unmask } from '../../case/Unmask';
import { Watermark } from '../../case/Watermark';
import { DueTag, StatusTag, Tag } from '../../case/tags';
import type { CaseDetail, LadderStepView } from '../../case/types';
import { useLiaisonText } from '../../i18n/liaison';
import { api } from '../../shared/api/client';
import { useSession } from '../../shared/session';
import { Loading, Notice } from '../../shared/states';
import { ApplicationView, ReceivedView } from '../case/content';
import { DiagramTab, DocumentList, Overview, TimelineTab } from '../case/tabs';
import { UrgeDialog } from '../case/UrgeDialog';
import { useStaffText } from '../text';
import { useWindowWords } from '../window/text';

function Block({ children }: { children: ReactNode }): ReactElement {
  return <section className="s-block">{children}</section>;
}

interface LadderTabProps {
  detail: CaseDetail;
  onChanged: () => void;
}

function LadderTab({ detail, onChanged }: LadderTabProps): ReactElement {
  const [error, setError] = useState<unknown>(null);
  const answer = async (step: LadderStepView, text: string): Promise<void> => {
    setError(null);
    try {
      await api.post(`/ladder/${String(step.id)}/answer`, { answer: text });
      onChanged();
    } catch (problem) {
      setError(problem);
    }
  };
  return <Block>{error ? <ProblemNotice error={error} /> : null}<Ladder steps={detail.ladder} onAnswer={answer} /></Block>;
}

function Head({ detail, onUrge }: { detail: CaseDetail; onUrge: () => void }): ReactElement {
  const { t, pick } = useStaffText();
  const { t: c } = useCaseText();
  const { summary } = detail;
  return (
    <div className="s-head">
      <h1>{pick(summary.itemName, summary.itemNameEn)} <span className="s-subject" data-title={summary.caseNo}>{summary.subject}</span></h1>
      <StatusTag status={summary.status} name={pick(summary.statusName, summary.statusNameEn)} />
      {summary.stuck ? <Tag tone="bad">{t('cases.stuck')}</Tag> : null}
      {summary.closedAt ? <span>{pick(summary.resultName, summary.resultNameEn)}</span> : <span className="lb-row"><span className="lb-faint">{c('summary.promise')}</span><DueTag due={summary.due} dueAt={summary.promiseDueAt} /></span>}
      <div className="s-head-end">{detail.may.urge ? <Button onClick={onUrge}>{t('case.urge')}</Button> : null}</div>
    </div>
  );
}

/** An application from a window: where its applicant is served, and the way there for the clerk who serves. */
function AtWindow({ detail, caseNo }: { detail: CaseDetail; caseNo: string }): ReactElement | null {
  const { t } = useWindowWords();
  const { window: place } = detail;
  if (!place) return null;
  return (
    <Notice tone="info" title={t('served')}>
      <p>{t(place.hasAccount ? 'hasAccount' : 'noAccount', { site: place.siteName })} {place.phone ? t('phone', { phone: place.phone }) : ''}</p>
      {place.mayServe ? <p><Link className="lb-button" to={`/window/${encodeURIComponent(caseNo)}`}>{t('open')}</Link></p> : null}
    </Notice>
  );
}

/** One case over all its sites, as far as this site may see. */
export function Case(): ReactElement {
  const { t } = useStaffText();
  const { t: c } = useCaseText();
  const l = useLiaisonText();
  const { session } = useSession();
  const { caseNo = '' } = useParams();
  const [params, setParams] = useSearchParams();
  const resource = useResource<CaseDetail>(`/cases/${encodeURIComponent(caseNo)}`);
  const [urging, setUrging] = useState(false);
  const [urged, setUrged] = useState(false);
  const detail = resource.data;
  if (!detail) {
    return resource.error
      ? <><h1>{t('cases.title')}</h1><ProblemNotice error={resource.error} onRetry={resource.reload} /><p><Link to="/cases">{t('case.toList')}</Link></p></>
      : <Loading rows={12} />;
  }
  const unanswered = detail.ladder.filter((step) => step.mayAnswer && !step.answer && step.kind !== 'REMIND').length;
  const tabs = [
    { key: 'overview', label: t('case.tab.overview'), children: <Overview detail={detail} onChanged={resource.reload} /> },
    { key: 'timeline', label: t('case.tab.timeline'), children: <TimelineTab caseNo={caseNo} /> },
    { key: 'diagram', label: t('case.tab.diagram'), children: <DiagramTab caseNo={caseNo} detail={detail} /> },
    detail.application
      ? { key: 'application', label: t('case.tab.application'), children: <Block><ApplicationView formId={detail.applyFormId} data={detail.application} /></Block> }
      : { key: 'received', label: t('case.tab.received'), children: <Block><Notice tone="info">{c('summary.coarse')}</Notice><ReceivedView itemCode={detail.summary.itemCode} received={detail.received} names={detail.receivedNames} /></Block> },
    { key: 'materials', label: `${t('case.tab.materials')} ${String(detail.materials.length)}`, children: <Block><Materials materials={detail.materials} /></Block> },
    { key: 'documents', label: `${t('case.tab.documents')} ${String(detail.documents.length)}`, children: <Block><DocumentList caseNo={caseNo} documents={detail.documents} /></Block> },
    { key: 'ladder', label: unanswered > 0 ? `${t('case.tab.ladder')} ${String(unanswered)}` : t('case.tab.ladder'), children: <LadderTab detail={detail} onChanged={resource.reload} /> },
    ...(session?.user?.functions.includes('liaison:read') ? [{ key: 'letters', label: l('letters.tab'), children: <Block><Letters caseNo={caseNo} /></Block> }] : []),
    { key: 'messages', label: t('case.tab.messages'), children: <Block><Messages messages={detail.messages} /></Block> },
  ];
  const asked = params.get('tab') ?? 'overview';
  const active = tabs.some((tab) => tab.key === asked) ? asked : 'overview';
  return (
    <>
      <Watermark />
      <Head detail={detail} onUrge={() => setUrging(true)} />
      <Responsible caseNo={caseNo} key={detail.summary.status} />
      <AtWindow detail={detail} caseNo={caseNo} />
      <Unmask caseNo={caseNo} privacy={detail.privacy} onChanged={resource.reload} />
      {resource.error ? <ProblemNotice error={resource.error} onRetry={resource.reload} /> : null}
      {urged ? <Notice tone="good">{t('urge.sent')}</Notice> : null}
      <Tabs
        aria-label={t('case.tabs')} activeKey={active} items={tabs} destroyOnHidden animated={false} size="small"
        onChange={(key) => setParams(key === 'overview' ? {} : { tab: key }, { replace: true })}
      />
      {urging ? (
        <UrgeDialog caseNo={caseNo} legs={detail.legs} onClose={() => setUrging(false)} onDone={() => { setUrging(false); setUrged(true); resource.reload(); }} />
      ) : null}
    </>
  );
}
