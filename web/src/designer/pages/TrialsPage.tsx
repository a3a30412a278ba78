import { Space } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import { moment } from '../../case/dates';
import { useTrialText } from '../../i18n/trial';
import { api } from '../../shared/api/client';
import { useAttempt } from '../../shared/api/useAttempt';
import { useLoad } from '../../shared/api/useLoad';
import { Confirmed } from '../../shared/Confirmed';
import { EmptyState, ErrorState, Loading } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import type { TrialHead } from '../trial/types';

/** The designer's own trials. */
export function TrialsPage(): ReactNode {
  const t = useTrialText();
  const { problem: failure, attempt } = useAttempt();
  const loaded = useLoad((signal) => api.get<{ items: TrialHead[] }>('/trials', { signal }).then((answer) => answer.items), 'trials');
  const remove = (trial: TrialHead): Promise<boolean> =>
    attempt(async () => {
      await api.delete(`/trials/${String(trial.id)}`);
      loaded.reload();
    });
  return (
    <>
      <h1>{t('list.title')}</h1>
      <p className="lb-soft">{t('list.intro')}</p>
      {failure ? <ErrorState problem={failure} /> : null}
      {loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : null}
      {!loaded.data && !loaded.problem ? <Loading /> : null}
      {loaded.data?.length === 0 ? <EmptyState text={t('list.empty')} /> : null}
      {loaded.data && loaded.data.length > 0 ? (
        <WideTable<TrialHead>
          rowKey="id"
          dataSource={loaded.data}
          columns={[
            { title: t('list.name'), render: (_, row) => <Link to={`/trials/${String(row.id)}`}>{row.name}</Link> },
            { title: t('list.created'), render: (_, row) => moment(row.createdAt) },
            { title: t('list.expires'), render: (_, row) => moment(row.expiresAt) },
            {
              title: t('list.actions'),
              render: (_, row) => (
                <Space>
                  <Link to={`/trials/${String(row.id)}`}>{t('list.open')}</Link>
                  <Confirmed ask={t('list.deleteSure', { name: row.name })} verb={t('list.delete')} size="small" danger aria-label={t('list.deleteOf', { name: row.name })} onConfirm={() => void remove(row)}>{t('list.delete')}</Confirmed>
                </Space>
              ),
            },
          ]}
        />
      ) : null}
    </>
  );
}
