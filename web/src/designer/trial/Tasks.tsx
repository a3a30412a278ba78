import { Button, Input } from 'antd';
import { type ReactNode, useRef, useState } from 'react';

import { listText, type Locale } from '../../case/language';
import { useResource } from '../../case/resource';
import { FormView, type FormHandle } from '../../forms/renderer';
import { useLanguage } from '../../i18n';
import { useTrialText } from '../../i18n/trial';
import type { FormSchema, JsonObject } from '../../kernel';
import { JsonField, readObject } from './JsonField';
import type { Trial, TrialAction, TrialTask } from './types';
import type { Act } from './useTrial';

interface Props {
  trial: Trial;
  tasks: TrialTask[];
  busy: boolean;
  act: Act;
}

/** The open user tasks; one is opened at a time. */
export function Tasks({ trial, tasks, busy, act }: Props): ReactNode {
  const t = useTrialText();
  const { locale } = useLanguage();
  const [open, setOpen] = useState<string>();
  if (tasks.length === 0) return <p className="lb-faint">{t('tasks.none')}</p>;
  const shown = tasks.some((task) => task.id === open) ? open : tasks[0]?.id;
  return (
    <ul className="lb-trial-list">
      {tasks.map((task) => (
        <li key={task.id}>
          <div className="lb-trial-row">
            <strong>{task.name || task.elementId}</strong>
            <span className="lb-faint">{who(task, t, locale)}</span>
            {task.id === shown ? null : <Button size="small" onClick={() => setOpen(task.id)}>{t('tasks.open')}</Button>}
          </div>
          {task.id === shown ? <OpenTask trial={trial} task={task} busy={busy} act={act} /> : null}
        </li>
      ))}
    </ul>
  );
}

function who(task: TrialTask, t: ReturnType<typeof useTrialText>, locale: Locale): string {
  const people = task.assignee ?? listText(locale, task.candidateGroups);
  return [t('instance.number', { id: task.instanceId }), task.loopIndex === null ? '' : `#${String(task.loopIndex)}`, people].filter(Boolean).join(' · ');
}

function OpenTask({ trial, task, busy, act }: { trial: Trial; task: TrialTask; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  const { locale } = useLanguage();
  const form = useResource<{ schema: FormSchema }>(task.formId ? `/trials/${String(trial.id)}/forms/${encodeURIComponent(task.formId)}` : null);
  const handle = useRef<FormHandle>(null);
  const [data, setData] = useState<JsonObject>({});
  const [text, setText] = useState('');
  const [asJson, setAsJson] = useState(false);
  const withForm = form.data !== null && !asJson;
  const written = readObject(text);
  const actions: TrialAction[] = task.actions.length > 0 ? task.actions : [{ value: '', name: t('tasks.complete'), nameEn: t('tasks.complete'), primary: true, danger: false }];
  const complete = (action: TrialAction): void => {
    const given = withForm ? handle.current?.submit(action.value) : written;
    if (!given) return;
    const variables = action.value ? { ...given, action: action.value } : given;
    void act('POST', `/tasks/${encodeURIComponent(task.id)}/complete`, { variables });
  };
  return (
    <div className="lb-trial-form">
      {form.data !== null ? (
        <button type="button" className="lb-link" onClick={() => setAsJson(!asJson)}>{asJson ? t('tasks.byForm') : t('tasks.byJson')}</button>
      ) : null}
      {withForm && form.data ? (
        <FormView schema={form.data.schema} data={data} context={{ ...task.context, now: trial.now, zone: 'Asia/Shanghai' }} handle={handle} onChange={setData} />
      ) : (
        <JsonField label={t('tasks.data')} value={text} onChange={setText} />
      )}
      <div className="lb-trial-row">
        {actions.map((action) => (
          <Button
            key={action.value} size="small" type={action.primary ? 'primary' : 'default'} danger={action.danger}
            disabled={busy || form.loading || (!withForm && !written)} onClick={() => complete(action)}
          >
            {locale === 'en' && action.nameEn ? action.nameEn : action.name}
          </Button>
        ))}
      </div>
      <Thrown path={`/tasks/${encodeURIComponent(task.id)}`} kinds={['error', 'escalation']} busy={busy} act={act} />
    </div>
  );
}

/** Ends a task or job with an error, or escalates from it. */
export function Thrown({ path, kinds, busy, act }: { path: string; kinds: ('error' | 'escalation' | 'fail')[]; busy: boolean; act: Act }): ReactNode {
  const t = useTrialText();
  const [code, setCode] = useState('');
  return (
    <details>
      <summary>{t('throw.more')}</summary>
      <div className="lb-trial-row">
        <Input size="small" aria-label={t('throw.code')} placeholder={t('throw.code')} value={code} onChange={(event) => setCode(event.target.value)} />
        {kinds.map((kind) => (
          <Button key={kind} size="small" disabled={busy || code.trim() === ''} onClick={() => void act('POST', `${path}/${kind}`, { code: code.trim() })}>
            {t(`throw.${kind}`)}
          </Button>
        ))}
      </div>
    </details>
  );
}
