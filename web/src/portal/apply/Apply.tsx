import { useCallback, useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { useParams, useSearchParams } from 'react-router';

import { useActionKey } from '../../case/action';
import { moment, shortDay } from '../../case/dates';
import { useFormContext } from '../../case/FormData';
import { problemOf, ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import type { ItemDetail, MyCase } from '../../case/types';
import { FormView, type FormHandle } from '../../forms/renderer';
import { validateForm, type FormSchema, type Json, type JsonObject } from '../../kernel';
import { api, uploadFile, type ProblemError } from '../../shared/api/client';
import { Loading, Notice } from '../../shared/states';
import { OpeningPanel } from '../OpeningPanel';
import { SaveNote } from '../SaveNote';
import { usePortalText } from '../text';
import { Button, Dialog, LinkButton, PageTitle } from '../ui';
import { mayComeLater, neededMaterials } from './materials';
import { MaterialsStep } from './MaterialsStep';
import { Receipt } from './Receipt';
import { ReviewStep } from './ReviewStep';
import { useDraft, type DraftContent, type DraftKeeper } from './useDraft';

const STEPS = ['form', 'materials', 'review'] as const;
type Step = (typeof STEPS)[number];

interface LoadedProps {
  item: ItemDetail;
  schema: FormSchema;
  draft: DraftKeeper;
}

function Wizard({ step }: { step: Step }): ReactElement {
  const { t } = usePortalText();
  const names = { form: t('apply.stepForm'), materials: t('apply.stepMaterials'), review: t('apply.stepReview') };
  return (
    <ol className="p-wizard">
      {STEPS.map((name, index) => <li key={name} aria-current={name === step ? 'step' : undefined}>{index + 1}. {names[name]}</li>)}
    </ol>
  );
}

function Restored({ draft, onDiscard }: { draft: DraftKeeper; onDiscard: () => Promise<void> }): ReactElement | null {
  const { t } = usePortalText();
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (!draft.restored) return null;
  const { updatedAt, expiresAt } = draft.restored;
  return (
    <>
      <Notice tone="info">
        <p>{t('apply.restored', { at: moment(updatedAt), until: shortDay(expiresAt) })}</p>
        <Button kind="quiet" onClick={() => setAsking(true)}>{t('apply.restart')}</Button>
      </Notice>
      {asking ? (
        <Dialog title={t('apply.restart')} onClose={() => setAsking(false)}>
          <p>{t('apply.restartConfirm')}</p>
          {error ? <ProblemNotice error={error} /> : null}
          <div className="p-actions">
            <Button kind="primary" onClick={() => setAsking(false)}>{t('apply.keep')}</Button>
            <Button kind="danger" onClick={() => { onDiscard().then(() => setAsking(false), setError); }}>{t('apply.restartDo')}</Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

interface Submission {
  busy: boolean;
  error: unknown;
  fieldErrors: ProblemError[] | undefined;
  materialErrors: Record<string, string>;
  submitted: MyCase | null;
  submit: (data: JsonObject, materials: DraftContent['materials']) => void;
}

/** Sends the application; what is wrong with fields or materials comes back to where it was entered. */
function useSubmission(itemCode: string, onWrong: (step: Step) => void, handIn: DraftKeeper['handIn']): Submission {
  const { pick } = usePortalText();
  const { keyOf, answered } = useActionKey();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [errors, setErrors] = useState<ProblemError[]>([]);
  const [submitted, setSubmitted] = useState<MyCase | null>(null);
  const submit = (data: JsonObject, materials: DraftContent['materials']): void => {
    const body = { itemCode, data, materials: materials.map(({ code, fileId }) => ({ code, fileId })) };
    setBusy(true);
    setError(null);
    setErrors([]);
    handIn(() => api.post<MyCase>('/applications', body, { idempotencyKey: keyOf(body) })).then(
      (answer) => { answered(); setSubmitted(answer); },
      (failure: unknown) => {
        const problem = problemOf(failure);
        if (problem && problem.status >= 400 && problem.status < 500) answered();
        const found = problem?.document.errors ?? [];
        setError(failure);
        setErrors(found);
        if (found.some((entry) => entry.pointer.startsWith('/data'))) onWrong('form');
        else if (found.some((entry) => entry.pointer.startsWith('/materials'))) onWrong('materials');
      },
    ).finally(() => setBusy(false));
  };
  const fieldErrors = useMemo(() => {
    const found = errors.filter((entry) => entry.pointer.startsWith('/data'));
    return found.length > 0 ? found : undefined;
  }, [errors]);
  const materialErrors = Object.fromEntries(
    errors.filter((entry) => entry.pointer.startsWith('/materials/')).map((entry) => [entry.pointer.split('/')[2] ?? '', pick(entry.message, entry.messageEn)]),
  );
  return { busy, error, fieldErrors, materialErrors, submitted, submit };
}

function SubmitProblem({ error }: { error: unknown }): ReactElement | null {
  const { t } = usePortalText();
  const problem = problemOf(error);
  if (!error) return null;
  return (
    <>
      <ProblemNotice error={error} />
      {problem?.code === 'duplicate-application' ? <div className="p-actions"><LinkButton to="/my" kind="plain">{t('nav.cases')}</LinkButton></div> : null}
    </>
  );
}

interface Uploads {
  /** Somebody wants to go on and waits for files that are still on their way. */
  waiting: boolean;
  onBusy: (busy: boolean) => void;
  /** Goes on at once, or as soon as the last upload has ended. */
  go: () => void;
  stay: () => void;
}

/** Files on their way: going on waits for them instead of calling them missing. */
function useUploads(goOn: () => void): Uploads {
  const [running, setRunning] = useState(0);
  const [waiting, setWaiting] = useState(false);
  const onBusy = useCallback((busy: boolean) => setRunning((now) => now + (busy ? 1 : -1)), []);
  useEffect(() => {
    if (!waiting || running > 0) return;
    setWaiting(false);
    goOn();
  }, [waiting, running, goOn]);
  return { waiting, onBusy, go: () => setWaiting(true), stay: () => setWaiting(false) };
}

function initialMaterials(draft: DraftKeeper): DraftContent['materials'] {
  return draft.restored?.materials ?? [];
}

/** Is there anything in it that somebody filled in? */
function isFilled(value: Json): boolean {
  if (value === null || value === '' || value === false) return false;
  return typeof value === 'object' ? Object.values(value).some(isFilled) : true;
}

function ApplyForm({ item, schema, draft }: LoadedProps): ReactElement {
  const { t, pick } = usePortalText();
  const context = useFormContext();
  const handle = useRef<FormHandle>(null);
  const top = useRef<HTMLDivElement>(null);
  const [params, setParams] = useSearchParams();
  const [data, setData] = useState<JsonObject>(() => (draft.restored?.data ?? {}) as JsonObject);
  const [uploaded, setUploaded] = useState(() => initialMaterials(draft));
  const [declared, setDeclared] = useState(false);
  const [tried, setTried] = useState(false);
  const [triedMaterials, setTriedMaterials] = useState(false);
  const checked = useMemo(() => validateForm(schema, data, context), [schema, data, context.now]); // eslint-disable-line react-hooks/exhaustive-deps
  const asked = params.get('step') as Step | null;
  const step: Step = asked && STEPS.includes(asked) && checked.errors.length === 0 ? asked : 'form';
  const goTo = useCallback((next: Step): void => {
    setParams(next === 'form' ? {} : { step: next });
    requestAnimationFrame(() => { top.current?.focus({ preventScroll: true }); window.scrollTo(0, 0); });
  }, [setParams]);
  const submission = useSubmission(item.code, goTo, draft.handIn);
  const specs = useMemo(() => neededMaterials(item.materials, checked.data, context.now), [item.materials, checked.data, context.now]);
  const missing = specs.filter((spec) => spec.source === 'UPLOAD' && !mayComeLater(spec) && !uploaded.some((entry) => entry.code === spec.code));
  const { keep } = draft;
  const latest = useRef({ data, materials: uploaded });
  // Empty rows and choices that the form makes by itself are no draft.
  const kept = useRef(draft.restored !== null);
  const change = useCallback((next: Partial<{ data: JsonObject; materials: DraftContent['materials'] }>) => {
    latest.current = { ...latest.current, ...next };
    setData(latest.current.data);
    setUploaded(latest.current.materials);
    if (kept.current || isFilled(latest.current.data) || latest.current.materials.length > 0) {
      kept.current = true;
      keep(latest.current);
    }
  }, [keep]);
  const changeData = useCallback((next: JsonObject) => change({ data: next }), [change]);
  const changeMaterials = useCallback(
    (next: (uploaded: DraftContent['materials']) => DraftContent['materials']) => change({ materials: next(latest.current.materials) }),
    [change],
  );
  const discard = async (): Promise<void> => {
    await draft.discard();
    latest.current = { data: {}, materials: [] };
    setData({});
    setUploaded([]);
    goTo('form');
  };
  const uploads = useUploads(() => {
    setTriedMaterials(true);
    if (missing.length === 0) goTo('review');
    else document.getElementById(`material-${missing[0]?.code ?? ''}`)?.scrollIntoView({ block: 'center' });
  });
  const back = (): void => {
    uploads.stay();
    goTo(STEPS[STEPS.indexOf(step) - 1] ?? 'form');
  };
  const next = (): void => {
    if (step === 'form') {
      if (handle.current?.submit()) goTo('materials');
    } else if (step === 'materials') {
      uploads.go();
    } else {
      setTried(true);
      if (!declared) document.getElementById('declaration')?.focus();
      if (declared) submission.submit(checked.data, uploaded.filter((entry) => specs.some((spec) => spec.code === entry.code)));
    }
  };
  const submitting = submission.busy ? t('apply.submitting') : t('apply.submit');
  const goingOn = uploads.waiting ? t('apply.waitingForUploads') : t('apply.next');
  const forward = step === 'review' ? submitting : goingOn;
  if (submission.submitted) return <Receipt submitted={submission.submitted} />;
  return (
    <>
      <PageTitle>{t('apply.title', { name: pick(item.name, item.nameEn) })}</PageTitle>
      <div ref={top} tabIndex={-1} className="p-step-top">
        <Wizard step={step} />
        <p className="lb-visually-hidden">{t('apply.stepOf', { n: STEPS.indexOf(step) + 1, total: STEPS.length })}</p>
      </div>
      {step === 'form' && item.restricted ? <OpeningPanel item={item} /> : null}
      {step === 'form' ? <Restored draft={draft} onDiscard={discard} /> : null}
      {step === 'form' && submission.fieldErrors ? null : <SubmitProblem error={submission.error} />}
      {step === 'form' ? (
        <FormView schema={schema} data={data} context={context} onChange={changeData} handle={handle} errors={submission.fieldErrors} upload={uploadFile} />
      ) : null}
      {step === 'materials' ? (
        <MaterialsStep
          specs={specs} uploaded={uploaded} missing={new Set(triedMaterials ? missing.map((spec) => spec.code) : [])}
          errors={submission.materialErrors} onChange={changeMaterials} onBusy={uploads.onBusy}
        />
      ) : null}
      {step === 'review' ? (
        <ReviewStep
          schema={schema} data={checked.data} context={context} specs={specs} uploaded={uploaded} declared={declared} wrong={tried && !declared}
          onDeclare={setDeclared} onEdit={goTo}
        />
      ) : null}
      <div className="p-actions">
        {step !== 'form' ? <Button onClick={back}>{t('apply.back')}</Button> : null}
        <Button kind="primary" onClick={next} busy={submission.busy || uploads.waiting}>{forward}</Button>
      </div>
      <SaveNote state={draft.state} />
    </>
  );
}

/** Applying: fill in, upload, check, submit; kept as a draft all the time. */
export function Apply(): ReactElement {
  const { t, pick } = usePortalText();
  const { code = '' } = useParams();
  const item = useResource<ItemDetail>(`/items/${encodeURIComponent(code)}`);
  const formId = item.data?.applyFormId ?? null;
  const form = useResource<{ schema: FormSchema }>(formId ? `/forms/${encodeURIComponent(formId)}` : null);
  const draft = useDraft(code);
  const { loading } = draft;
  const failed = item.error ?? form.error ?? draft.error;
  const [opened, setOpened] = useState(false);
  useEffect(() => { if (!loading) setOpened(true); }, [loading]);
  if (failed && !opened) return <><PageTitle>{t('guide.apply')}</PageTitle><ProblemNotice error={failed} onRetry={() => { item.reload(); form.reload(); draft.reload(); }} /></>;
  if (item.data && (!item.data.available || !formId)) return <><PageTitle>{pick(item.data.name, item.data.nameEn)}</PageTitle><OpeningPanel item={item.data} /></>;
  if (!item.data || !form.data || !opened) return <Loading rows={12} />;
  return <ApplyForm item={item.data} schema={form.data.schema} draft={draft} />;
}
