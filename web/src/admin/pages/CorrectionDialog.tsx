import { App, Button, Checkbox, Select } from 'antd';
import { useId, useState, type ReactElement } from 'react';

import { labelled } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { query, useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useOperationsText } from '../../i18n/operations';
import { api } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { Loading, Notice } from '../../shared/states';
import type { Corrected, IncidentRow, LegVariables, LegVariable } from '../types';
import { changedType, readValue, VALUE_TYPES, type ValueType } from './correction';

interface Line {
  name: string;
  type: ValueType;
  text: string;
}

interface DialogProps {
  incident: IncidentRow;
  onDone: () => void;
  onClose: () => void;
}

/** 更正数据并重试: the variables that the failing expression reads first; old values stay masked. */
export function CorrectionDialog({ incident, onDone, onClose }: DialogProps): ReactElement {
  const t = useOperationsText();
  const { locale } = useLanguage();
  const { message } = App.useApp();
  const id = useId();
  const path = `/admin/legs/${String(incident.legId)}/variables`;
  const resource = useResource<LegVariables>(`${path}${query({ incidentId: incident.id })}`);
  const [all, setAll] = useState(false);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [reason, setReason] = useState('');
  const [retry, setRetry] = useState(true);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const variables = resource.data?.variables ?? [];
  const shown = variables.filter((row) => all || row.named || lines.some((line) => line.name === row.name));
  const wrong = lines.some((line) => readValue(line.type, line.text).problem !== null);
  const put = (name: string, change: Partial<Line>): void => setLines((old) => old.map((line) => (line.name === name ? { ...line, ...change } : line)));
  const send = async (): Promise<void> => {
    setTried(true);
    if (!resource.data || wrong || lines.length === 0 || reason.trim() === '') return;
    setBusy(true);
    setError(null);
    const values = Object.fromEntries(lines.map((line) => [line.name, readValue(line.type, line.text).value]));
    try {
      const { data: answer } = await api.put<Corrected>(path, { values, reason: reason.trim(), version: resource.data.version, ...(retry ? { retryIncidentId: incident.id } : {}) });
      const again = answer.incidents.find((row) => row.elementId === incident.elementId);
      if (retry && again) void message.warning(t('correct.again', { code: again.code }), 8);
      else void message.success(t(retry ? 'correct.done' : 'correct.saved'));
      onDone();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      width={760} title={t('correct.title')} okText={t(retry ? 'correct.send' : 'action.save')} cancelText={t('action.cancel')}
      confirmLoading={busy} okButtonProps={{ disabled: !resource.data }} onOk={() => void send()} onCancel={onClose}
    >
      <p className="lb-soft">{labelled(locale, incident.elementName, '')}<code>{incident.code}</code> {incident.message}</p>
      <Notice tone="warn">{t('correct.warning')}</Notice>
      {resource.error ? <ProblemNotice error={resource.error} onRetry={resource.reload} /> : null}
      {!resource.data && !resource.error ? <Loading rows={4} /> : null}
      {resource.data ? (
        <>
          <ul className="lb-correct">
            {shown.map((row) => (
              <VariableLine
                key={row.name} row={row} line={lines.find((line) => line.name === row.name)} tried={tried}
                onEdit={() => setLines([...lines, { name: row.name, type: row.type === 'missing' ? 'string' : row.type, text: '' }])}
                onDrop={() => setLines(lines.filter((line) => line.name !== row.name))}
                onChange={(change) => put(row.name, change)}
              />
            ))}
          </ul>
          {shown.length === 0 ? <p className="lb-soft">{t('correct.noneNamed')}</p> : null}
          {variables.length > shown.length ? <p><button type="button" className="lb-link" onClick={() => setAll(true)}>{t('correct.all', { n: variables.length })}</button></p> : null}
          {tried && lines.length === 0 ? <p className="lb-field-error">{t('correct.nothing')}</p> : null}
          <div className="lb-correct-reason">
            <label htmlFor={id}>{t('correct.reason')}</label>
            <textarea
              id={id} className="lb-input" rows={2} maxLength={300} value={reason} aria-describedby={`${id}-hint`}
              aria-invalid={tried && reason.trim() === '' ? true : undefined} onChange={(event) => setReason(event.target.value)}
            />
            <span id={`${id}-hint`} className={tried && reason.trim() === '' ? 'lb-field-error' : 'lb-faint'}>{t(tried && reason.trim() === '' ? 'correct.reasonMissing' : 'correct.reasonHint')}</span>
          </div>
          <Checkbox checked={retry} onChange={(event) => setRetry(event.target.checked)}>{t('correct.retry')}</Checkbox>
        </>
      ) : null}
      {error ? <ProblemNotice error={error} /> : null}
    </Dialog>
  );
}

interface LineProps {
  row: LegVariable;
  line: Line | undefined;
  tried: boolean;
  onEdit: () => void;
  onDrop: () => void;
  onChange: (change: Partial<Line>) => void;
}

function VariableLine({ row, line, tried, onEdit, onDrop, onChange }: LineProps): ReactElement {
  const t = useOperationsText();
  const id = useId();
  const problem = line && (tried || line.text !== '') ? readValue(line.type, line.text).problem : null;
  return (
    <li>
      <div className="lb-correct-head">
        <code>{row.name}</code>
        <span className="lb-faint">{t(`correct.type.${row.type}`)}</span>
        {row.type === 'missing' ? null : <span className="lb-correct-old">{JSON.stringify(row.masked)}</span>}
        <Button size="small" onClick={line ? onDrop : onEdit}>{t(line ? 'correct.drop' : 'correct.edit')}</Button>
      </div>
      {line ? (
        <div className="lb-correct-new">
          <Select<ValueType>
            aria-label={t('correct.typeOf', { name: row.name })} value={line.type} onChange={(type) => onChange({ type })}
            options={VALUE_TYPES.map((type) => ({ value: type, label: t(`correct.type.${type}`) }))}
          />
          {line.type === 'null' ? null : (
            <textarea
              className="lb-input" rows={line.type === 'list' || line.type === 'object' ? 4 : 1} value={line.text} aria-label={t('correct.value', { name: row.name })}
              aria-describedby={`${id}-note`} aria-invalid={problem ? true : undefined} spellCheck={false} onChange={(event) => onChange({ text: event.target.value })}
            />
          )}
          <span id={`${id}-note`} className={problem ? 'lb-field-error' : 'lb-faint'}>
            {problem ? t(`correct.problem.${problem}`) : null}
            {!problem && changedType(row.type, line.type) ? t('correct.typeChanged') : null}
          </span>
        </div>
      ) : null}
    </li>
  );
}
