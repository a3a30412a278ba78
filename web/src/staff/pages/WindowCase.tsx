import type { ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { Facts } from '../../case/CaseSummary';
import { longDueDay, moment, shortDay } from '../../case/dates';
import { FormData } from '../../case/FormData';
import { Materials } from '../../case/Materials';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { StatusTag } from '../../case/tags';
import { Watermark } from '../../case/Watermark';
import { Loading, Notice } from '../../shared/states';
import { Acts } from '../window/Acts';
import { IdentityCheck } from '../window/IdentityCheck';
import { Papers } from '../window/Papers';
import { Sms } from '../window/Sms';
import { useWindowWords, windowPath, type WindowCaseData, type WindowTextKey } from '../window/text';

interface PartProps {
  served: WindowCaseData;
}

function Person({ served }: PartProps): ReactElement {
  const { t } = useWindowWords();
  const { person, window: place } = served;
  return (
    <section className="s-block">
      <h2>{t('person')}</h2>
      <Facts
        rows={[
          [t('person.name'), person.name],
          [t('person.idNo'), <span key="id" className="lb-number">{person.idNo}</span>],
          [t('person.mobile'), person.mobile ? <span key="mo" className="lb-number">{person.mobile}</span> : null],
          [t('person.account'), t(person.hasAccount ? 'person.accountYes' : 'person.accountNo')],
          [t('person.window'), [place.siteName, place.phone].filter(Boolean).join(' · ')],
        ]}
      />
    </section>
  );
}

function Todo({ served }: PartProps): ReactElement {
  const { t, locale } = useWindowWords();
  return (
    <section className="s-block">
      <h2>{t('todo.title')}</h2>
      {served.tasks.length === 0 ? <p className="lb-none">{t('todo.none')}</p> : null}
      <ul className="s-plain s-window-papers">
        {served.tasks.map((task) => (
          <li key={task.id}>
            <span><strong>{task.name}</strong> {task.dueAt ? <span className="lb-faint">{t('todo.due', { date: longDueDay(task.dueAt, locale) })}</span> : null}</span>
            {served.visit
              ? <Link className="lb-button" data-kind="primary" to={`/window/${encodeURIComponent(served.caseNo)}/tasks/${encodeURIComponent(task.id)}`}>{t('todo.do')}</Link>
              : <span className="lb-faint">{t('identity.first')}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Telling({ served }: PartProps): ReactElement {
  const { t, pick, locale } = useWindowWords();
  const reasons = pick(served.stopReasonNames.join('、'), served.stopReasonNamesEn.join(', '));
  const promise = served.stopped ? t('progress.stopped', { reason: reasons })
    : served.closedAt ? t('progress.closed', { result: pick(served.resultName, served.resultNameEn) })
      : served.promiseDueAt ? t('progress.promise', { date: longDueDay(served.promiseDueAt, locale) }) : '';
  return (
    <section className="s-block">
      <h2>{t('progress')}</h2>
      <p className="lb-soft">{t('progress.tell')}</p>
      <p className="s-window-tell">{pick(served.plainText, served.plainTextEn)}</p>
      {promise ? <p><strong>{promise}</strong></p> : null}
      <p className="lb-faint">
        {[served.receivedAt ? t('progress.received', { at: moment(served.receivedAt) }) : '', served.acceptedAt ? t('progress.accepted', { at: moment(served.acceptedAt) }) : ''].filter(Boolean).join(' · ')}
      </p>
      <ol className="s-plain">
        {served.steps.map((step) => (
          <li key={step.key} aria-current={step.state === 'current' ? 'step' : undefined}>
            {step.state === 'current' ? <strong>{step.title}</strong> : <span>{step.title}</span>}
            <span className="lb-faint">{[step.siteName, t(`progress.step.${step.state}` as WindowTextKey), shortDay(step.at)].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
      </ol>
      <p>{t('progress.code')} <span className="lb-number">{served.queryCode}</span></p>
      <p className="lb-faint">{t('progress.codeHint')}</p>
      <details>
        <summary>{t('progress.events')}</summary>
        <ul className="s-plain">
          {[...served.events].sort((a, b) => b.at.localeCompare(a.at)).map((event, index) => (
            <li key={`${event.at}-${String(index)}`}><span className="lb-faint">{moment(event.at)}</span><span>{pick(event.title, event.titleEn)}</span>{event.siteName ? <span className="lb-faint">{event.siteName}</span> : null}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}

/** A case at its window: who is here, what to tell, what to do for the applicant. */
export function WindowCase(): ReactElement {
  const { t, pick } = useWindowWords();
  const { caseNo = '' } = useParams();
  const resource = useResource<WindowCaseData>(windowPath(caseNo));
  const served = resource.data;
  if (!served) {
    return resource.error
      ? <><h1>{t('title')}</h1><ProblemNotice error={resource.error} onRetry={resource.reload} /><p><Link to="/window">{t('back')}</Link></p></>
      : <Loading rows={12} />;
  }
  return (
    <>
      <Watermark />
      <div className="s-head">
        <h1>{pick(served.itemName, served.itemNameEn)} <span className="s-subject" data-title={served.caseNo}>{served.subject}</span></h1>
        <StatusTag status={served.status} name={pick(served.statusName, served.statusNameEn)} />
        <div className="s-head-end"><Link to="/window">{t('back')}</Link>{served.hasCasePage ? <Link to={`/cases/${encodeURIComponent(served.caseNo)}`}>{t('toCase')}</Link> : null}</div>
      </div>
      <p className="lb-number lb-faint">{served.caseNo}</p>
      <Notice tone="info"><p>{t(served.person.hasAccount ? 'hasAccount' : 'noAccount', { site: served.window.siteName })}</p></Notice>
      {resource.error ? <ProblemNotice error={resource.error} onRetry={resource.reload} /> : null}
      <div className="s-window">
        <div>
          <IdentityCheck served={served} onDone={resource.put} />
          <Todo served={served} />
          <Papers served={served} onChanged={resource.reload} />
          <Acts served={served} onDone={resource.put} />
        </div>
        <div>
          <Telling served={served} />
          <Person served={served} />
          <Sms served={served} onDone={resource.put} />
          <section className="s-block">
            <details>
              <summary>{t('application')}</summary>
              <FormData formId={served.applyFormId} data={served.application} />
              <h3>{t('materials')}</h3>
              <Materials materials={served.materials} />
            </details>
          </section>
        </div>
      </div>
    </>
  );
}
