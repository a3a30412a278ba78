import { Button, Checkbox, Input } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../api/schema';
import { useLanguage } from '../i18n';
import { useContractText } from '../i18n/contracts';
import { bracketed } from './language';

export type Flow = components['schemas']['ContractFlow'];
export interface Field {
  path: string;
  name: string;
}
export interface Message {
  message: string;
  name: string;
  from: 'main' | 'partner';
  purpose: string;
  fields: Field[];
  materials: string[];
}

interface MessageProps {
  message: Message;
  /** The same message in the newest edition, in the item's deployed model and in the saved draft of it: what else there is to choose from. */
  before: Message | undefined;
  flow: Flow | undefined;
  drafted: Flow | undefined;
  materials: { code: string; name: string }[];
  onChange: (more: Partial<Message>) => void;
  onRemove: () => void;
}

/** What one message may take along: its purpose, fields and materials. */
export function MessageEditor({ message, before, flow, drafted, materials, onChange, onRemove }: MessageProps): ReactNode {
  const t = useContractText();
  const sent = fieldsOf(flow);
  const coming = fieldsOf(drafted);
  const offered = [...new Map([...coming, ...sent, ...(before?.fields ?? []), ...message.fields].map((each) => [each.path, each])).values()];
  const chosen = new Set(message.fields.map((each) => each.path));
  const inModel = new Set(sent.map((each) => each.path));
  const inDraft = new Set(coming.map((each) => each.path));
  const mark = (deployed: boolean, draft: boolean): string => (deployed ? ` · ${t('dc.inModel')}` : draft ? ` · ${t('dc.inDraft')}` : '');
  const toggle = (field: Field, isIn: boolean): void =>
    onChange({ fields: isIn ? [...message.fields, field] : message.fields.filter((each) => each.path !== field.path) });
  return (
    <div className="lb-contract-message">
      <p className="lb-row">
        <strong className="lb-break">{message.name} {message.message}</strong>
        <Button danger onClick={onRemove}>{t('dc.removeMessage')}</Button>
      </p>
      <p>
        <label htmlFor="dc-name">{t('dc.messageName')}</label>
        <Input id="dc-name" maxLength={500} value={message.name} onChange={(event) => onChange({ name: event.target.value })} />
      </p>
      <p>
        <label htmlFor="dc-purpose">{t('dc.purpose')}</label>
        <Input id="dc-purpose" maxLength={500} value={message.purpose} onChange={(event) => onChange({ purpose: event.target.value })} />
      </p>
      <fieldset>
        <legend>{t('dc.field')}</legend>
        {offered.length === 0 ? <p className="lb-faint">{t('dc.noFields')}</p> : null}
        {offered.map((field) => (
          <div key={field.path}>
            <Checkbox checked={chosen.has(field.path)} onChange={(event) => toggle(field, event.target.checked)}>
              {field.name} <span className="lb-faint lb-break">{field.path}{mark(inModel.has(field.path), inDraft.has(field.path))}</span>
            </Checkbox>
          </div>
        ))}
        <NewField taken={chosen} onAdd={(field) => toggle(field, true)} />
      </fieldset>
      <fieldset>
        <legend>{t('dc.materials')}</legend>
        {materials.map(({ code, name }) => (
          <div key={code}>
            <Checkbox
              checked={message.materials.includes(code)}
              onChange={(event) => onChange({ materials: event.target.checked ? [...message.materials, code].sort() : message.materials.filter((each) => each !== code) })}
            >
              {code} {name}<span className="lb-faint">{mark(flow?.materials.includes(code) ?? false, drafted?.materials.includes(code) ?? false)}</span>
            </Checkbox>
          </div>
        ))}
      </fieldset>
    </div>
  );
}

function NewField({ taken, onAdd }: { taken: Set<string>; onAdd: (field: Field) => void }): ReactNode {
  const t = useContractText();
  const [path, setPath] = useState('');
  const [name, setName] = useState('');
  return (
    <p className="lb-row">
      <Input aria-label={t('dc.newPath')} placeholder={t('dc.newPath')} value={path} onChange={(event) => setPath(event.target.value)} />
      <Input aria-label={t('dc.newName')} placeholder={t('dc.newName')} value={name} onChange={(event) => setName(event.target.value)} />
      <Button
        disabled={!path.trim() || !name.trim() || taken.has(path.trim())}
        onClick={() => { onAdd({ path: path.trim(), name: name.trim() }); setPath(''); setName(''); }}
      >
        {t('dc.add')}
      </Button>
    </p>
  );
}

interface NewMessageProps {
  /** What the item's deployed model sends, and what only the saved draft of it is to send, as far as it is not listed yet. */
  flows: Flow[];
  drafted: Flow[];
  taken: Message[];
  onAdd: (message: Message) => void;
}

/** A further message: one that the item's model sends, with what it takes along, or one that the model is to send later. */
export function NewMessage({ flows, drafted, taken, onAdd }: NewMessageProps): ReactNode {
  const t = useContractText();
  const { locale } = useLanguage();
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [from, setFrom] = useState<'main' | 'partner'>('main');
  const isTaken = taken.some((each) => each.message === code && each.from === from);
  return (
    <fieldset>
      <legend>{t('dc.addMessage')}</legend>
      {flows.length === 0 ? <p className="lb-faint">{t('dc.allListed')}</p> : null}
      <ul>
        {[...flows, ...drafted].map((flow) => (
          <li key={`${flow.message} ${flow.sender}`} className="lb-row">
            <span className="lb-break">{flow.name} {flow.message}{bracketed(locale, t(`dc.way.${flow.sender}`))}{drafted.includes(flow) ? <span className="lb-faint"> · {t('dc.inDraft')}</span> : null}</span>
            <Button aria-label={`${t('dc.add')} ${flow.message}`} onClick={() => onAdd(ofFlow(flow))}>{t('dc.add')}</Button>
          </li>
        ))}
      </ul>
      <p className="lb-row">
        <Input aria-label={t('dc.newCode')} placeholder={t('dc.newCode')} maxLength={60} value={code} onChange={(event) => setCode(event.target.value.toUpperCase().replace(/[^A-Z0-9_]/g, ''))} />
        <Input aria-label={t('dc.messageName')} placeholder={t('dc.messageName')} maxLength={120} value={name} onChange={(event) => setName(event.target.value)} />
        <select aria-label={t('dc.direction')} className="lb-input" value={from} onChange={(event) => setFrom(event.target.value === 'partner' ? 'partner' : 'main')}>
          <option value="main">{t('dc.way.main')}</option>
          <option value="partner">{t('dc.way.partner')}</option>
        </select>
        <Button
          disabled={!/^[A-Z]/.test(code) || !name.trim() || isTaken}
          onClick={() => { onAdd({ message: code, name: name.trim(), from, purpose: '', fields: [], materials: [] }); setCode(''); setName(''); }}
        >
          {t('dc.add')}
        </Button>
      </p>
    </fieldset>
  );
}

function fieldsOf(flow: Flow | undefined): Field[] {
  return (flow?.crossing ?? []).map((each) => ({ path: each.path, name: each.name || each.path }));
}

function ofFlow(flow: Flow): Message {
  return { message: flow.message, name: flow.name, from: flow.sender, purpose: '', fields: fieldsOf(flow), materials: [...flow.materials].sort() };
}
