import { Select, Table } from 'antd';
import { type ReactNode, useState } from 'react';

import { useContractText } from '../i18n/contracts';
import { EmptyState, Loading } from '../shared/states';
import { moment } from './dates';
import { ProblemNotice } from './problem';
import { useResource } from './resource';

interface Named {
  code: string;
  name: string;
}
interface Message {
  message: string;
  name: string;
  sender: 'main' | 'partner';
  purpose: string;
  crossing: { path: string; name: string }[];
  materials: Named[];
}
interface Contract {
  itemCode: string;
  itemName: string;
  version: number;
  basis: string;
  messages: Message[];
  documents: Named[];
  withheld: Named[];
  accessAfterEnd: string;
  accessSource: string;
  versions: { version: number; publishedAt: string }[];
}
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
            options={lines.map((line) => ({ value: line.itemCode, label: line.itemName }))}
          />
        ) : null}
      </div>
      <p className="lb-soft">{t('dc.intro')}</p>
      {error ? <ProblemNotice error={error} onRetry={reload} /> : null}
      {data || error ? null : <Loading />}
      {data && lines.length === 0 ? <EmptyState text={t('dc.empty')} /> : null}
      {shown ? <ContractView itemCode={shown} /> : null}
    </>
  );
}

function ContractView({ itemCode }: { itemCode: string }): ReactNode {
  const t = useContractText();
  const { data, error, reload } = useResource<Contract>(`/contracts/${itemCode}`);
  if (error) return <ProblemNotice error={error} onRetry={reload} />;
  if (!data) return <Loading />;
  const published = data.versions[0];
  return (
    <>
      <p>
        {t('dc.version', { n: data.version })}
        {published ? ` · ${t('dc.published')} ${moment(published.publishedAt)}` : ''}
      </p>
      <p>
        <strong>{t('dc.basis')}</strong> {data.basis}
      </p>
      <p>
        <strong>{t('dc.access')}</strong> {t('dc.accessText', { value: data.accessAfterEnd, source: data.accessSource })}
      </p>
      <h2>{t('dc.messages')}</h2>
      <Table<Message>
        size="small"
        pagination={false}
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
      />
      <h2>{t('dc.fields')}</h2>
      <Table<FieldRow>
        size="small"
        pagination={false}
        scroll={{ x: 640 }}
        dataSource={fieldRows(data.messages)}
        columns={[
          { title: t('dc.field'), render: (_, row) => <FieldName row={row} /> },
          { title: t('dc.out'), render: (_, row) => row.out.join('、') },
          { title: t('dc.in'), render: (_, row) => row.in.join('、') },
        ]}
      />
      <h2>{t('dc.documents')}</h2>
      <Names of={data.documents} />
      <h2>{t('dc.withheld')}</h2>
      <Names of={data.withheld} />
    </>
  );
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
