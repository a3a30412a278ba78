import { useId, useState, type ReactNode } from 'react';

import type { components } from '../api/schema';
import { useLanguage } from '../i18n';
import { useEvidenceText } from '../i18n/evidence';
import { downloadFile } from '../shared/api/client';
import { Notice } from '../shared/states';
import { moment } from './dates';
import { ProblemNotice } from './problem';
import { useResource } from './resource';

type State = components['schemas']['EvidenceState'];

/** 存证: whether the record of a case is whole and anchored, and the package that others can check. */
export function EvidencePanel({ caseNo }: { caseNo: string }): ReactNode {
  const t = useEvidenceText();
  const [asked, setAsked] = useState(false);
  const path = `/cases/${encodeURIComponent(caseNo)}/evidence`;
  const state = useResource<State>(asked ? path : null);
  return (
    <section>
      <h2>{t('panel.title')}</h2>
      <p className="lb-soft">{t('panel.intro')}</p>
      {state.error ? <ProblemNotice error={state.error} onRetry={state.reload} /> : null}
      {state.data ? <Told state={state.data} /> : null}
      <p>
        <button type="button" className="lb-button" disabled={state.loading} onClick={() => (asked ? state.reload() : setAsked(true))}>
          {t('panel.check')}
        </button>
      </p>
      {state.data?.mayExport ? <Export path={path} caseNo={caseNo} needsOrder={state.data.needsOrder} onDone={state.reload} /> : null}
    </section>
  );
}

function Told({ state }: { state: State }): ReactNode {
  const t = useEvidenceText();
  const { locale } = useLanguage();
  const broken = state.events.verified ? state.reads : state.events;
  if (!broken.verified) {
    return <Notice tone="bad">{t('panel.broken', { finding: (locale === 'en' ? broken.findingEn : broken.finding) ?? '' })}</Notice>;
  }
  return (
    <Notice tone="good">
      <p>{t('panel.ok', { events: state.events.events, reads: state.reads.events })}</p>
      <p>
        {state.anchorNumber === null
          ? t('panel.notAnchored')
          : t('panel.anchored', { seq: state.anchoredSeq, number: state.anchorNumber, at: moment(state.anchoredAt) })}
      </p>
      {state.readsWaiting > 0 ? <p>{t('panel.waiting', { n: state.readsWaiting })}</p> : null}
    </Notice>
  );
}

interface ExportProps {
  path: string;
  caseNo: string;
  needsOrder: boolean;
  onDone: () => void;
}

function Export({ path, caseNo, needsOrder, onDone }: ExportProps): ReactNode {
  const t = useEvidenceText();
  const id = useId();
  const [order, setOrder] = useState('');
  const [files, setFiles] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    setDone(false);
    try {
      await downloadFile(path, { orderNo: order.trim(), files }, `${caseNo}.zip`);
      setDone(true);
      onDone();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="lb-filters" onSubmit={(event) => { event.preventDefault(); void run(); }}>
      {error ? <ProblemNotice error={error} /> : null}
      {done ? <Notice tone="good">{t('panel.exported')}</Notice> : null}
      <div>
        <label htmlFor={id}>{t('panel.order')}</label>
        <input id={id} className="lb-input" value={order} maxLength={80} required={needsOrder} minLength={needsOrder ? 4 : undefined} placeholder={t('panel.orderHint')} onChange={(event) => setOrder(event.target.value)} />
      </div>
      <label>
        <input type="checkbox" checked={files} onChange={(event) => setFiles(event.target.checked)} /> {t('panel.files')}
      </label>
      <button type="submit" className="lb-button" disabled={busy}>{t('panel.export')}</button>
    </form>
  );
}
