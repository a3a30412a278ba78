import { Button, Checkbox, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { useLanguage } from '../i18n';
import { useContractText } from '../i18n/contracts';
import { api } from '../shared/api/client';
import type { Contract } from './ContractDraft';
import { type Flow, type Message, MessageEditor, NewMessage } from './ContractMessageEditor';
import { bracketed } from './language';
import { ProblemNotice } from './problem';

interface Named {
  code: string;
  name: string;
}
interface Content {
  basis: string;
  messages: Message[];
  documents: Named[];
}

/** Draws up the next edition: which messages there are, what each may take along, which documents both sides read, on what ground, from which day. */
export function ContractEditor({ contract, onDone, onLeave }: { contract: Contract; onDone: () => void; onLeave: () => void }): ReactNode {
  const t = useContractText();
  const { locale } = useLanguage();
  const newest = contract.content as unknown as Content;
  const [content, setContent] = useState<Content>((contract.draft?.content ?? contract.content) as unknown as Content);
  const [place, setPlace] = useState(0);
  const [note, setNote] = useState(contract.draft?.note ?? '');
  const [from, setFrom] = useState(contract.draft?.inForceOn ?? '');
  const [error, setError] = useState<unknown>(null);
  const message = content.messages[place];
  const put = (messages: Message[]): void => setContent({ ...content, messages });
  const change = (more: Partial<Message>): void => put(content.messages.map((each, number) => (number === place ? { ...each, ...more } : each)));
  const send = (): void => {
    setError(null);
    const edition = contract.versions[0]?.version ?? 0;
    api.put(`/contracts/${contract.itemCode}/draft`, { content, note, inForceOn: from, basedOn: edition, revision: contract.draft?.revision ?? 0 })
      .then(onDone, setError);
  };
  const same = (one: Message, other: Message): boolean => one.message === other.message && one.from === other.from;
  const listed = (flow: Flow): boolean => content.messages.some((each) => each.message === flow.message && each.from === flow.sender);
  const deployed = contract.flows.filter((flow) => !listed(flow));
  const drafted = contract.draftedFlows.filter((flow) => !listed(flow) && !deployed.some((each) => each.message === flow.message && each.sender === flow.sender));
  const sentIn = (flows: Flow[]): Flow | undefined => flows.find((flow) => flow.message === message?.message && flow.sender === message.from);
  return (
    <section className="lb-contract-editor" aria-labelledby="contract-editor">
      <h2 id="contract-editor">{t('dc.edit')}</h2>
      <p>
        <label htmlFor="dc-basis">{t('dc.basis')}</label>
        <Input.TextArea id="dc-basis" rows={2} maxLength={500} value={content.basis} onChange={(event) => setContent({ ...content, basis: event.target.value })} />
      </p>
      <h3>{t('dc.messages')}</h3>
      {content.messages.length > 0 ? (
        <Select
          aria-label={t('dc.message')}
          value={place}
          onChange={setPlace}
          popupMatchSelectWidth={false}
          options={content.messages.map((each, number) => ({ value: number, label: `${each.name}${bracketed(locale, t(`dc.way.${each.from}`))}` }))}
        />
      ) : <p className="lb-none">{t('dc.noMessages')}</p>}
      {message ? (
        <MessageEditor
          key={`${message.message} ${message.from}`}
          message={message}
          before={newest.messages.find((each) => same(each, message))}
          flow={sentIn(contract.flows)}
          drafted={sentIn(contract.draftedFlows)}
          materials={contract.itemMaterials}
          onChange={change}
          onRemove={() => { put(content.messages.filter((each) => each !== message)); setPlace(0); }}
        />
      ) : null}
      <NewMessage flows={deployed} drafted={drafted} taken={content.messages} onAdd={(added) => { put([...content.messages, added]); setPlace(content.messages.length); }} />
      <Documents known={contract.knownDocuments} chosen={content.documents} onChange={(documents) => setContent({ ...content, documents })} />
      <p>
        <label htmlFor="dc-note">{t('dc.note')}</label>
        <Input id="dc-note" maxLength={300} value={note} onChange={(event) => setNote(event.target.value)} />
      </p>
      <p>
        <label htmlFor="dc-from">{t('dc.day')}</label> <input id="dc-from" className="lb-input" type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
      </p>
      {error ? <ProblemNotice error={error} /> : null}
      <p className="lb-row">
        <Button type="primary" disabled={!note.trim() || !from} onClick={send}>{t('dc.send')}</Button>
        <Button onClick={onLeave}>{t('dc.leave')}</Button>
      </p>
    </section>
  );
}

/** The documents that both sides read. */
function Documents({ known, chosen, onChange }: { known: Named[]; chosen: Named[]; onChange: (chosen: Named[]) => void }): ReactNode {
  const t = useContractText();
  const offered = [...new Map([...known, ...chosen].map((each) => [each.code, each])).values()];
  const codes = new Set(chosen.map((each) => each.code));
  return (
    <fieldset>
      <legend>{t('dc.documents')}</legend>
      {offered.map((each) => (
        <div key={each.code}>
          <Checkbox
            checked={codes.has(each.code)}
            onChange={(event) => onChange(event.target.checked ? [...chosen, { code: each.code, name: each.name }] : chosen.filter((row) => row.code !== each.code))}
          >
            {each.name} <span className="lb-faint">{each.code}</span>
          </Checkbox>
        </div>
      ))}
    </fieldset>
  );
}
