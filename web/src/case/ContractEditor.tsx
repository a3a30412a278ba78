import { Button, Checkbox, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { useContractText } from '../i18n/contracts';
import { api } from '../shared/api/client';
import type { Contract } from './ContractDraft';
import { ProblemNotice } from './problem';

interface Field {
  path: string;
  name: string;
}
interface Message {
  message: string;
  name: string;
  from: 'main' | 'partner';
  purpose: string;
  fields: Field[];
  materials: string[];
}
interface Content {
  basis: string;
  messages: Message[];
  documents: { code: string; name: string }[];
}

/** Draws up the next edition: what each message may take along is chosen, with the ground and the day. */
export function ContractEditor({ contract, onDone, onLeave }: { contract: Contract; onDone: () => void; onLeave: () => void }): ReactNode {
  const t = useContractText();
  const newest = contract.content as unknown as Content;
  const [content, setContent] = useState<Content>((contract.draft?.content ?? contract.content) as unknown as Content);
  const [place, setPlace] = useState(0);
  const [note, setNote] = useState(contract.draft?.note ?? '');
  const [from, setFrom] = useState(contract.draft?.inForceOn ?? '');
  const [error, setError] = useState<unknown>(null);
  const message = content.messages[place];
  const change = (more: Partial<Message>): void =>
    setContent({ ...content, messages: content.messages.map((each, number) => (number === place ? { ...each, ...more } : each)) });
  const send = (): void => {
    setError(null);
    const edition = contract.versions[0]?.version ?? 0;
    api.put(`/contracts/${contract.itemCode}/draft`, { content, note, inForceOn: from, basedOn: edition, revision: contract.draft?.revision ?? 0 })
      .then(onDone, setError);
  };
  const known = [...contract.withheld, ...contract.messages.flatMap((each) => each.materials)];
  const materials = [...new Map(known.map((each) => [each.code, each.name])).entries()].sort();
  return (
    <section aria-labelledby="contract-editor">
      <h2 id="contract-editor">{t('dc.edit')}</h2>
      <p>
        <label htmlFor="dc-basis">{t('dc.basis')}</label>
        <Input.TextArea id="dc-basis" rows={2} maxLength={500} value={content.basis} onChange={(event) => setContent({ ...content, basis: event.target.value })} />
      </p>
      <Select
        aria-label={t('dc.message')}
        value={place}
        onChange={setPlace}
        popupMatchSelectWidth={false}
        options={content.messages.map((each, number) => ({ value: number, label: `${each.name}（${t(`dc.way.${each.from}`)}）` }))}
      />
      {message ? <MessageEditor key={place} message={message} before={newest.messages.find((each) => each.message === message.message && each.from === message.from)} materials={materials} onChange={change} /> : null}
      <p>
        <label htmlFor="dc-note">{t('dc.note')}</label>
        <Input id="dc-note" maxLength={300} value={note} onChange={(event) => setNote(event.target.value)} />
      </p>
      <p>
        <label htmlFor="dc-from">{t('dc.day')}</label> <input id="dc-from" type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
      </p>
      {error ? <ProblemNotice error={error} /> : null}
      <p className="lb-row">
        <Button type="primary" disabled={!note.trim() || !from} onClick={send}>{t('dc.send')}</Button>
        <Button onClick={onLeave}>{t('dc.leave')}</Button>
      </p>
    </section>
  );
}

interface MessageProps {
  message: Message;
  before: Message | undefined;
  materials: [string, string][];
  onChange: (more: Partial<Message>) => void;
}

function MessageEditor({ message, before, materials, onChange }: MessageProps): ReactNode {
  const t = useContractText();
  const [path, setPath] = useState('');
  const [name, setName] = useState('');
  const offered = [...new Map([...(before?.fields ?? []), ...message.fields].map((each) => [each.path, each])).values()];
  const chosen = new Set(message.fields.map((each) => each.path));
  const toggle = (field: Field, isIn: boolean): void =>
    onChange({ fields: isIn ? [...message.fields, field] : message.fields.filter((each) => each.path !== field.path) });
  return (
    <>
      <p>
        <label htmlFor="dc-purpose">{t('dc.purpose')}</label>
        <Input id="dc-purpose" maxLength={500} value={message.purpose} onChange={(event) => onChange({ purpose: event.target.value })} />
      </p>
      <fieldset>
        <legend>{t('dc.field')}</legend>
        {offered.map((field) => (
          <div key={field.path}>
            <Checkbox checked={chosen.has(field.path)} onChange={(event) => toggle(field, event.target.checked)}>
              {field.name} <span className="lb-faint lb-break">{field.path}</span>
            </Checkbox>
          </div>
        ))}
        <p className="lb-row">
          <Input aria-label={t('dc.newPath')} placeholder={t('dc.newPath')} value={path} onChange={(event) => setPath(event.target.value)} />
          <Input aria-label={t('dc.newName')} placeholder={t('dc.newName')} value={name} onChange={(event) => setName(event.target.value)} />
          <Button
            disabled={!path.trim() || !name.trim() || chosen.has(path.trim())}
            onClick={() => { toggle({ path: path.trim(), name: name.trim() }, true); setPath(''); setName(''); }}
          >
            {t('dc.add')}
          </Button>
        </p>
      </fieldset>
      <fieldset>
        <legend>{t('dc.materials')}</legend>
        {materials.map(([code, label]) => (
          <div key={code}>
            <Checkbox
              checked={message.materials.includes(code)}
              onChange={(event) => onChange({ materials: event.target.checked ? [...message.materials, code].sort() : message.materials.filter((each) => each !== code) })}
            >
              {code} {label}
            </Checkbox>
          </div>
        ))}
      </fieldset>
    </>
  );
}
