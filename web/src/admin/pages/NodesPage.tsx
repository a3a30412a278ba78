import { Button } from 'antd';
import { type ReactNode } from 'react';

import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag, type TagTone } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useOperationsText } from '../../i18n/operations';
import { EmptyState, Loading, Notice } from '../../shared/states';
import type { NodeRow, ShortcomingRow } from '../types';
import { WideTable } from '../../shared/WideTable';

const TONES: Record<NodeRow['state'], TagTone> = { up: 'good', draining: 'warn', silent: 'bad' };
const SECOND = 1000;
const QUEUES = ['timer', 'message', 'service', 'notice', 'batch'] as const;

/** Who serves this deployment: every process tree that serves pages or does work, and when it was last heard of. */
export function NodesPage(): ReactNode {
  const t = useOperationsText();
  const { locale } = useLanguage();
  const { data, error, loading, reload } = useResource<{ items: NodeRow[]; shortcomings: ShortcomingRow[] }>('/admin/nodes');
  const nodes = data?.items ?? [];
  const lacking = data?.shortcomings ?? [];
  return (
    <>
      <div className="lb-page-head">
        <h1>{t('nav.nodes')}</h1>
        <Button onClick={reload} loading={loading}>
          {t('nodes.refresh')}
        </Button>
      </div>
      <p className="lb-soft">{t('nodes.intro')}</p>
      {error ? <ProblemNotice error={error} onRetry={reload} /> : null}
      {data || error ? null : <Loading />}
      {lacking.length > 0 ? (
        <Notice tone="bad" title={t('nodes.lacking')}>
          <ul>
            {lacking.map((each) => (
              <li key={each.code}>{locale === 'en' ? `${each.factEn} ${each.nextEn}` : each.fact + each.next}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      {data && nodes.length === 0 ? <EmptyState text={t('nodes.empty')} /> : null}
      {nodes.length > 0 ? (
        <WideTable<NodeRow>
          rowKey="id"
          dataSource={nodes}
          columns={[
            { title: t('nodes.name'), dataIndex: 'name', className: 'lb-break' },
            { title: t('nodes.role'), render: (_, row) => <Role node={row} /> },
            { title: t('nodes.state'), render: (_, row) => <Tag tone={TONES[row.state]}>{t(`nodes.state.${row.state}`)}</Tag> },
            { title: t('nodes.load'), align: 'right', render: (_, row) => t('nodes.busy', { n: row.busy, of: row.capacity }) },
            { title: t('nodes.clock'), render: (_, row) => <Skew node={row} /> },
            { title: t('nodes.version'), dataIndex: 'version' },
            { title: t('nodes.started'), render: (_, row) => moment(row.startedAt) },
            { title: t('nodes.heard'), render: (_, row) => t('nodes.ago', { n: row.silentSeconds }) },
          ]}
        />
      ) : null}
    </>
  );
}

function Role({ node }: { node: NodeRow }): ReactNode {
  const t = useOperationsText();
  const named = (queue: string): string => {
    const known = QUEUES.find((each) => each === queue);
    return known ? t(`nodes.queue.${known}`) : queue;
  };
  return (
    <>
      {t(`nodes.role.${node.role}`)}
      {node.role === 'worker' ? <div className="lb-faint">{node.queues.map(named).join(t('nodes.and'))}</div> : null}
    </>
  );
}

function Skew({ node }: { node: NodeRow }): ReactNode {
  const t = useOperationsText();
  const seconds = (Math.abs(node.skewMs) / SECOND).toFixed(1);
  if (!node.skewed) return t('nodes.clockGood');
  return <Tag tone="warn">{t(node.skewMs > 0 ? 'nodes.clockAhead' : 'nodes.clockBehind', { n: seconds })}</Tag>;
}
