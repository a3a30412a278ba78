import './trial.css';

import { Button, Segmented } from 'antd';
import { type ReactNode, useState } from 'react';

import { BpmnViewer, type LegPosition } from '../../bpmn/viewer/BpmnViewer';
import { useLanguage } from '../../i18n';
import { useTrialText } from '../../i18n/trial';
import { api } from '../../shared/api/client';
import { useLoad } from '../../shared/api/useLoad';
import { EmptyState, ErrorState, Loading } from '../../shared/states';
import { Clock } from './Clock';
import { Conversions } from './Conversions';
import { Exchange } from './Exchange';
import { History } from './History';
import { AdHocs, Incidents, Jobs } from './Jobs';
import { StartForm } from './StartForm';
import { Tasks } from './Tasks';
import type { Trial, TrialEvent, TrialInstance } from './types';
import { useTrial } from './useTrial';
import { Variables } from './Variables';

/** A trial at work: the diagram with its tokens, and beside it everything that can be done now. */
export function TrialView({ id, onRestart }: { id: number; onRestart: (services: Trial['services']) => void }): ReactNode {
  const t = useTrialText();
  const { loaded, busy, refusal, act } = useTrial(id);
  const [chosen, choose] = useState<number>();
  if (!loaded.data) return loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : <Loading />;
  const { trial, events } = loaded.data;
  const instance = trial.instances.find((each) => each.id === chosen) ?? trial.instances.at(-1);
  const all = <K extends 'tasks' | 'jobs' | 'incidents' | 'adHocs'>(what: K): TrialInstance[K][number][] => trial.instances.flatMap((each) => each[what] as TrialInstance[K][number][]);
  const started = trial.instances.length > 0;
  return (
    <div className="lb-trial" aria-busy={busy}>
      <div className="lb-trial-main">
        <Head trial={trial} instance={instance} busy={busy} onChoose={choose} onRestart={onRestart} onCancel={(which) => void act('DELETE', `/instances/${String(which)}`)} />
        <Diagram trial={trial} instance={instance} events={events} />
        <section className="lb-trial-past">
          <h2>{t('history')}</h2>
          <History events={events} />
        </section>
        <Conversions trial={trial} />
      </div>
      <div className="lb-trial-side">
        {refusal ? <ErrorState problem={refusal} /> : null}
        <Panel title={t('start')} open={!started}><StartForm processes={trial.processes} busy={busy} act={act} /></Panel>
        {all('incidents').length > 0 ? <Panel title={t('incidents')} count={all('incidents').length} open><Incidents incidents={all('incidents')} busy={busy} act={act} /></Panel> : null}
        <Panel title={t('tasks')} count={all('tasks').length} open={started}><Tasks trial={trial} tasks={all('tasks')} busy={busy} act={act} /></Panel>
        {all('jobs').length > 0 ? <Panel title={t('jobs')} count={all('jobs').length} open><Jobs jobs={all('jobs')} busy={busy} act={act} /></Panel> : null}
        {all('adHocs').length > 0 ? <Panel title={t('adhocs')} count={all('adHocs').length} open><AdHocs adHocs={all('adHocs')} busy={busy} act={act} /></Panel> : null}
        <Panel title={t('clock')} count={trial.timers.length} open={trial.timers.length > 0}><Clock trial={trial} busy={busy} act={act} /></Panel>
        <Panel title={t('messages')} count={trial.instances.flatMap((each) => each.subscriptions).length} open={false}><Exchange trial={trial} busy={busy} act={act} /></Panel>
        {instance ? <Panel title={`${t('variables')} · ${t('instance.number', { id: instance.id })}`} open><Variables key={instance.id} instance={instance} busy={busy} act={act} /></Panel> : null}
      </div>
    </div>
  );
}

/** A part of the side that can be folded; it opens by itself when something comes into it. */
function Panel({ title, count = 0, open, children }: { title: string; count?: number; open: boolean; children: ReactNode }): ReactNode {
  const [own, setOwn] = useState<{ by: boolean; shown: boolean }>({ by: open, shown: open });
  if (own.by !== open) setOwn({ by: open, shown: open });
  return (
    <details className="lb-trial-panel" open={own.shown} onToggle={(event) => setOwn({ by: open, shown: event.currentTarget.open })}>
      <summary>
        <h2>{title}</h2>
        {count > 0 ? <span className="lb-trial-count">{count}</span> : null}
      </summary>
      {children}
    </details>
  );
}

function Head({ trial, instance, busy, onChoose, onRestart, onCancel }: {
  trial: Trial; instance: TrialInstance | undefined; busy: boolean;
  onChoose: (id: number) => void; onRestart: (services: Trial['services']) => void; onCancel: (id: number) => void;
}): ReactNode {
  const t = useTrialText();
  return (
    <div className="lb-trial-head">
      {trial.instances.length > 0 ? (
        <Segmented<number>
          size="small" aria-label={t('instances')} value={instance?.id ?? 0} onChange={onChoose}
          options={trial.instances.map((each) => ({
            value: each.id,
            label: `${t('instance.number', { id: each.id })} ${each.processName || each.processId} · ${each.incidents.length > 0 ? t('state.incident') : t(`state.${each.state}`)}`,
          }))}
        />
      ) : null}
      <span className="lb-trial-tools">
        {instance?.state === 'running' ? <Button size="small" disabled={busy} onClick={() => onCancel(instance.id)}>{t('instance.cancel')}</Button> : null}
        <Button size="small" disabled={busy} onClick={() => onRestart(trial.services)}>{t('restart')}</Button>
        <Button size="small" disabled={busy} onClick={() => onRestart(trial.services === 'hold' ? 'complete' : 'hold')}>
          {t(trial.services === 'hold' ? 'restart.complete' : 'restart.hold')}
        </Button>
      </span>
    </div>
  );
}

function Diagram({ trial, instance, events }: { trial: Trial; instance: TrialInstance | undefined; events: TrialEvent[] }): ReactNode {
  const t = useTrialText();
  const { locale } = useLanguage();
  const definition = instance?.definitionId ?? trial.processes[0]?.definitionId;
  const path = `/trials/${String(trial.id)}/definitions/${String(definition)}/xml`;
  const xml = useLoad((signal) => (definition === undefined ? Promise.resolve('') : api.get<string>(path, { signal })), path);
  const legs = trial.instances.filter((each) => each.definitionId === definition && (each.state === 'running' || each === instance));
  if (xml.problem) return <ErrorState problem={xml.problem} onRetry={xml.reload} />;
  if (!xml.data) return <Loading />;
  if (!xml.data.includes('BPMNShape')) return <EmptyState text={t('diagram.none')} />;
  return <BpmnViewer xml={xml.data} locale={locale} height="min(46vh, 32rem)" legs={legs.map((each) => positionOf(each, each === instance ? events : [], t))} />;
}

function positionOf(instance: TrialInstance, events: TrialEvent[], t: ReturnType<typeof useTrialText>): LegPosition {
  const own = events.filter((event) => event.instanceId === instance.id && event.definitionId === instance.definitionId);
  const ids = (kind: string): string[] => [...new Set(own.filter((event) => event.kind === kind).flatMap((event) => event.elementId ?? []))];
  return {
    legId: instance.id,
    participantId: instance.processId,
    siteName: `${t('instance.number', { id: instance.id })} ${instance.processName || instance.processId}`,
    active: instance.activeElements,
    visited: ids('entered'),
    taken: ids('taken'),
    incidents: instance.incidents.map((incident) => incident.elementId),
  };
}
