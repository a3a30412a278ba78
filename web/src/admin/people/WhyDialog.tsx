import { type ReactNode } from 'react';

import type { components } from '../../api/schema';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { usePeopleText } from '../../i18n/people';
import { Loading } from '../../shared/states';
import { Dialog } from '../../shared/Dialog';
import { WideTable } from '../../shared/WideTable';

type Why = components['schemas']['Why'];

/** For each act of the matrix: may this person, and through which role, or who else may. */
export function WhyDialog({ person, onClose }: { person: { id: number; name: string }; onClose: () => void }): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  const zh = locale === 'zh';
  const found = useResource<{ items: Why[] }>(`/admin/users/${String(person.id)}/functions`);
  return (
    <Dialog title={t('people.whyOf', { name: person.name })} onCancel={onClose} footer={null} width={900}>
      {found.error ? <ProblemNotice error={found.error} onRetry={found.reload} /> : null}
      {!found.data && !found.error ? <Loading rows={6} /> : null}
      {found.data ? (
        <WideTable<Why>
          rowKey="function"
          dataSource={found.data.items}
          columns={[
            { title: t('people.function'), className: 'lb-wrap', render: (_, row) => (zh ? row.name : row.nameEn) },
            { title: t('people.state'), render: (_, row) => <Tag tone={row.allowed ? 'good' : 'mute'}>{t(row.allowed ? 'people.allowed' : 'people.refused')}</Tag> },
            { title: t('people.reason'), className: 'lb-wrap', render: (_, row) => (zh ? row.why : row.whyEn) },
          ]}
        />
      ) : null}
    </Dialog>
  );
}
