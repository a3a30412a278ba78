import { Input } from 'antd';
import { type ReactNode, useId, useState } from 'react';

import type { components } from '../../api/schema';
import { listText } from '../../case/language';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { usePeopleText } from '../../i18n/people';
import { api } from '../../shared/api/client';
import { ErrorState, Notice } from '../../shared/states';
import { Dialog } from '../../shared/Dialog';
import { useAction } from '../useAction';
import { WideTable } from '../../shared/WideTable';

type Answer = components['schemas']['DisableAnswer'];
type Row = components['schemas']['DisableRow'];

interface Props {
  userIds: number[];
  onClose: () => void;
  onDone: () => void;
}

/** Closing several accounts: the reason, what would happen to each, and only then the act itself. */
export function DisableDialog({ userIds, onClose, onDone }: Props): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  const { busy, problem, run } = useAction(true);
  const id = useId();
  const [reason, setReason] = useState('');
  const [seen, setSeen] = useState<Answer | null>(null);
  const possible = seen !== null && seen.items.every((row) => row.possible);
  const send = async (trial: boolean): Promise<void> => {
    const body = { userIds: seen && !trial ? seen.items.map((row) => row.id) : userIds, reason: reason.trim(), trial };
    const ask = async (): Promise<void> => setSeen(await api.post<Answer>('/admin/users/disable', body));
    if ((await run(ask, t(trial ? 'off.looked' : 'off.done'))) && !trial) onDone();
  };
  return (
    <Dialog
      title={t('off.title', { n: userIds.length })} width={760} onCancel={onClose} cancelText={t('role.close')} confirmLoading={busy}
      okText={t(possible ? 'off.now' : 'off.look')} okButtonProps={{ disabled: reason.trim() === '' || (seen !== null && !possible), danger: possible }}
      onOk={() => void send(!possible)}
    >
      {problem ? <ErrorState problem={problem} /> : null}
      <p>{t('off.intro')}</p>
      <div className="lb-field">
        <label htmlFor={id}>{t('off.reason')}</label>
        <Input.TextArea id={id} rows={2} maxLength={300} value={reason} onChange={(event) => { setReason(event.target.value); setSeen(null); }} />
      </div>
      {seen && !possible ? <Notice tone="bad" title={t('off.blocked')} /> : null}
      {seen ? (
        <WideTable<Row>
          rowKey="id"
          dataSource={seen.items}
          columns={[
            { title: t('people.name'), render: (_, row) => `${row.name} ${row.login}` },
            { title: t('people.roles'), className: 'lb-wrap', render: (_, row) => listText(locale, row.roles) },
            { title: t('off.tasks'), dataIndex: 'tasks', align: 'right' },
            {
              title: t('people.state'),
              className: 'lb-wrap',
              render: (_, row) => <Tag tone={row.possible ? 'warn' : 'bad'}>{row.possible ? t('off.will') : locale === 'zh' ? row.why : row.whyEn}</Tag>,
            },
          ]}
        />
      ) : null}
    </Dialog>
  );
}
