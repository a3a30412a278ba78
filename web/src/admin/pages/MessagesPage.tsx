import { Button, Select } from 'antd';
import { type ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';

import { pickText } from '../../case/language';
import { moment } from '../../case/dates';
import { query, usePages } from '../../case/resource';
import { Tag, type TagTone } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useOperationsText } from '../../i18n/operations';
import { api } from '../../shared/api/client';
import { useMay } from '../../shared/session/useMay';
import { ListPage } from '../ListPage';
import type { MessageRow } from '../types';
import { useAction } from '../useAction';

const STATES = ['queued', 'sent', 'failed', 'blocked', 'rejected', 'parked', 'received', 'delivered', 'acknowledged'] as const;
const TONES: Record<string, TagTone> = { queued: 'mute', sent: 'info', failed: 'bad', blocked: 'bad', rejected: 'bad', parked: 'warn', received: 'good', delivered: 'good', acknowledged: 'good' };

/** Messages between sites; what did not arrive can be sent again. */
export function MessagesPage(): ReactNode {
  const t = useOperationsText();
  const { locale } = useLanguage();
  const [search, setSearch] = useSearchParams();
  const asked = search.get('state');
  const state = STATES.find((each) => each === asked) ?? '';
  const narrow = (value: string): void => setSearch(value ? { state: value } : {}, { replace: true });
  const pages = usePages<MessageRow>(`/admin/messages${query({ state })}`);
  const may = useMay();
  const { busy, run } = useAction();
  const resend = async (id: number): Promise<void> => {
    if (await run(() => api.post(`/admin/messages/${String(id)}/resend`), t('action.resendDone'))) pages.reload();
  };
  return (
    <ListPage<MessageRow>
      title={t('nav.messages')}
      pages={pages}
      empty={state ? t('messages.emptyState', { state: t(`messages.${state}`) }) : t('messages.empty')}
      unfilter={state ? () => narrow('') : undefined}
      filters={
        <Select
          aria-label={t('messages.state')} className="lb-filter-select" value={state} onChange={narrow}
          options={[{ value: '', label: t('messages.all') }, ...STATES.map((value) => ({ value, label: t(`messages.${value}`) }))]}
        />
      }
      rowKey={(row) => row.id}
      columns={[
        {
          title: t('messages.name'),
          render: (_, row) => (
            <>
              {row.name}
              {row.caseNo ? <div><Link className="lb-number" to={`/cases/${encodeURIComponent(row.caseNo)}`}>{row.caseNo}</Link></div> : null}
              <div className="lb-faint lb-number">{row.collabNo}</div>
            </>
          ),
        },
        { title: t('messages.from'), dataIndex: 'from' },
        { title: t('messages.to'), dataIndex: 'to' },
        { title: t('messages.state'), render: (_, row) => <Tag tone={TONES[row.state] ?? 'mute'}>{pickText(locale, row.stateName, row.stateNameEn)}</Tag> },
        { title: t('messages.at'), render: (_, row) => moment(row.at) },
        { title: t('work.attempts'), dataIndex: 'attempts', align: 'right' },
        { title: t('messages.error'), dataIndex: 'lastError', className: 'lb-break' },
        {
          title: t('cases.actions'),
          render: (_, row) =>
            may('replay:resend') && row.direction === 'out' && row.state !== 'acknowledged' ? (
              <Button size="small" loading={busy} onClick={() => void resend(row.id)}>
                {t('action.resend')}
              </Button>
            ) : null,
        },
      ]}
    />
  );
}
