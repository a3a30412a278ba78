import { Button, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import { useContractText } from '../i18n/contracts';
import { useSession } from '../shared/session';
import { EmptyState, Loading, Notice } from '../shared/states';
import { WideTable } from '../shared/WideTable';
import { type Contract, ContractDraft } from './ContractDraft';
import { ContractEditor } from './ContractEditor';
import { moment } from './dates';
import { listText, useCaseText } from './language';
import { policyValue } from './policyValue';
import { ProblemNotice } from './problem';
import { useResource } from './resource';
import { useItemName } from './useItemName';

interface Named {
  code: string;
  name: string;
}
type Message = Contract['messages'][number];
interface Line {
  itemCode: string;
  itemName: string;
}
interface FieldRow {
  key: string;
  path: string;
  name: string;
  out: string[];
  in: string[];
}

/** 数据契约: which fields, materials and documents of an item may cross between its sites, in which direction, on what ground. */
export function ContractsPage(): ReactNode {
  const t = useContractText();
  const { data, error, reload } = useResource<{ items: Line[] }>('/contracts');
  const itemName = useItemName();
  const [chosen, choose] = useState<string>();
  const lines = data?.items ?? [];
  const shown = chosen ?? lines[0]?.itemCode;
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('dc.title')}</h1>
        {lines.length > 0 ? (
          <Select
            aria-label={t('dc.item')}
            value={shown}
            onChange={choose}
            popupMatchSelectWidth={false}
            options={lines.map((line) => ({ value: line.itemCode, label: itemName(line.itemName) }))}
          />
        ) : null}
      </div>
      <p className="lb-soft">{t('dc.intro')}</p>
      {error ? <ProblemNotice error={error} onRetry={reload} /> : null}
      {data || error ? null : <Loading />}
      {data && lines.length === 0 ? <EmptyState text={t('dc.empty')} /> : null}
      {shown ? <ContractView key={shown} itemCode={shown} /> : null}
    </>
  );
}

function ContractView({ itemCode }: { itemCode: string }): ReactNode {
  const t = useContractText();
  const words = useCaseText();
  const { session } = useSession();
  const [editing, edit] = useState(false);
  const [left, leave] = useState(false);
  const [said, say] = useState(false);
  const { data, error, reload } = useResource<Contract>(`/contracts/${itemCode}`);
  if (error) return <ProblemNotice error={error} onRetry={reload} />;
  if (!data) return <Loading />;
  const fields = fieldRows(data.messages);
  const close = (): void => { edit(false); leave(true); };
  const done = (): void => { close(); say(true); reload(); };
  return (
    <div className="lb-contract">
      {said ? <Notice tone="good">{t('dc.done')}</Notice> : null}
      <ul>
        {data.versions.map((each) => (
          <li key={each.version}>
            {t('dc.version', { n: each.version })} · {t(`dc.state.${each.state}`)} · {t('dc.since', { day: moment(each.inForceFrom) })}
            {each.note ? ` · ${each.note}` : ''}
          </li>
        ))}
      </ul>
      {data.draft && !editing ? <ContractDraft contract={data} draft={data.draft} onDone={done} /> : null}
      {session?.user?.functions.includes('contract:draft') && !editing ? (
        <p><Button ref={left ? takeFocus : null} onClick={() => edit(true)}>{t(data.draft ? 'dc.redraft' : 'dc.edit')}</Button></p>
      ) : null}
      {editing ? <div ref={takeFocus} tabIndex={-1}><ContractEditor contract={data} onDone={done} onLeave={close} /></div> : null}
      <p>
        <strong>{t('dc.basis')}</strong> {data.basis}
      </p>
      <p>
        <strong>{t('dc.access')}</strong> {t('dc.accessText', { value: policyValue(data.accessAfterEnd, words.t, words.has), source: data.accessSource })}
      </p>
      <h2>{t('dc.messages')}</h2>
      {data.messages.length === 0 ? <p className="lb-none">{t('dc.noMessages')}</p> : <WideTable<Message>
        scroll={{ x: 640 }}
        rowKey={(row) => `${row.sender} ${row.message}`}
        dataSource={data.messages}
        columns={[
          { title: t('dc.message'), render: (_, row) => <MessageName message={row} /> },
          { title: t('dc.out'), render: (_, row) => (row.sender === 'main' ? '●' : ''), align: 'center' },
          { title: t('dc.in'), render: (_, row) => (row.sender === 'partner' ? '●' : ''), align: 'center' },
          { title: t('dc.purpose'), dataIndex: 'purpose' },
          { title: t('dc.materials'), render: (_, row) => <Names of={row.materials} /> },
        ]}
      />}
      <h2>{t('dc.fields')}</h2>
      {fields.length === 0 ? <p className="lb-none">{t('dc.none')}</p> : <WideTable<FieldRow>
        scroll={{ x: 640 }}
        dataSource={fields}
        columns={[
          { title: t('dc.field'), render: (_, row) => <FieldName row={row} /> },
          { title: t('dc.out'), render: (_, row) => listText(words.locale, row.out) },
          { title: t('dc.in'), render: (_, row) => listText(words.locale, row.in) },
        ]}
      />}
      <h2>{t('dc.documents')}</h2>
      <Names of={data.documents} />
      <h2>{t('dc.withheld')}</h2>
      <Names of={data.withheld} />
    </div>
  );
}

/** The button goes when the editor comes, and the other way round: the focus goes along. */
function takeFocus(shown: HTMLElement | null): void {
  shown?.focus();
}

function MessageName({ message }: { message: Message }): ReactNode {
  return (
    <>
      {message.name}
      <div className="lb-faint">{message.message}</div>
    </>
  );
}

function FieldName({ row }: { row: FieldRow }): ReactNode {
  return (
    <>
      {row.name}
      <div className="lb-faint lb-break">{row.path}</div>
    </>
  );
}

function Names({ of }: { of: Named[] }): ReactNode {
  const t = useContractText();
  if (of.length === 0) return t('dc.none');
  return of.map((each) => (
    <div key={each.code}>
      {each.code} {each.name}
    </div>
  ));
}

/** A row per field, with the names of the messages that may take it along in each direction. */
function fieldRows(messages: Message[]): FieldRow[] {
  const rows = new Map<string, FieldRow>();
  for (const message of messages) {
    for (const field of message.crossing) {
      const row = rows.get(field.path) ?? { key: field.path, path: field.path, name: field.name, out: [], in: [] };
      (message.sender === 'main' ? row.out : row.in).push(message.name);
      rows.set(field.path, row);
    }
  }
  return [...rows.values()];
}
