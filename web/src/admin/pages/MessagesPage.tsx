import { Button } from 'antd';
import { type ReactNode } from 'react';

import { pickText } from '../../case/language';
import { moment } from '../../case/dates';
import { usePages } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { useOperationsText } from '../../i18n/operations';
import { api } from '../../shared/api/client';
import { useMay } from '../../shared/session/useMay';
import { ListPage } from '../ListPage';
import type { MessageRow } from '../types';
import { useAction } from '../useAction';

/** Messages between sites; what did not arrive can be sent again. */
export function MessagesPage(): ReactNode {
  const t = useOperationsText();
  const { locale } = useLanguage();
  const pages = usePages<MessageRow>('/admin/messages');
  const may = useMay();
  const { busy, run } = useAction();
  const resend = async (id: number): Promise<void> => {
    if (await run(() => api.post(`/admin/messages/${String(id)}/resend`), t('action.resendDone'))) pages.reload();
  };
  return (
    <ListPage<MessageRow>
      title={t('nav.messages')}
      pages={pages}
      empty={t('messages.empty')}
      rowKey={(row) => row.id}
      columns={[
        {
          title: t('messages.name'),
          render: (_, row) => (
            <>
              {row.name}
              <div className="lb-faint lb-number">{row.collabNo}</div>
            </>
          ),
        },
        { title: t('messages.from'), dataIndex: 'from' },
        { title: t('messages.to'), dataIndex: 'to' },
        { title: t('messages.state'), render: (_, row) => pickText(locale, row.stateName, row.stateNameEn) },
        { title: t('messages.at'), render: (_, row) => moment(row.at) },
        { title: t('messages.error'), dataIndex: 'lastError' },
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
