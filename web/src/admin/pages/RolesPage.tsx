import { Select } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { usePeopleText } from '../../i18n/people';
import { Loading } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';

type Schemas = components['schemas'];
type Part = Schemas['Permission'];
type FunctionRow = Schemas['FunctionRow'];
type Matrix = Schemas['MatrixAnswer'];

/** Who may do what: the matrix in force, by role, and the duties that are kept apart. */
export function RolesPage(): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  const zh = locale === 'zh';
  const found = useResource<Matrix>('/role-matrix');
  const [role, setRole] = useState('HANDLER');
  const matrix = found.data;
  const partsOf = (row: FunctionRow): Part[] => row.cells.find((cell) => cell.role === role)?.parts ?? [];
  const told = (row: FunctionRow, part: Part): string => {
    const names = part.acts.map((act) => row.acts.find((each) => each.key === act)).map((act) => (zh ? act?.name : act?.nameEn) ?? '');
    const more = [...part.reach.map((reach) => t(`reach.${reach}`)), ...(part.masked ? [t('matrix.masked')] : []), ...(zh ? part.conditions : part.conditionsEn)];
    return zh ? `${names.join('、')}（${more.join('，')}）` : `${names.join(', ')} (${more.join(', ')})`;
  };
  return (
    <>
      <h1>{t('nav.roles')}</h1>
      <p className="lb-soft">{t('matrix.intro')}</p>
      {found.error ? <ProblemNotice error={found.error} onRetry={found.reload} /> : null}
      {!matrix && !found.error ? <Loading /> : null}
      {matrix ? (
        <>
          <div className="lb-filters">
            <Select
              aria-label={t('matrix.pick')}
              value={role}
              onChange={setRole}
              options={matrix.roles.map((each) => ({ value: each.code, label: zh ? each.name : each.nameEn }))}
              style={{ minWidth: 200 }}
            />
          </div>
          <WideTable<FunctionRow>
            rowKey="key"
            dataSource={matrix.functions}
            columns={[
              { title: t('matrix.function'), className: 'lb-wrap', render: (_, row) => (zh ? row.name : row.nameEn) },
              {
                title: t('matrix.may'),
                className: 'lb-wrap',
                render: (_, row) =>
                  partsOf(row).length > 0 ? partsOf(row).map((part) => <div key={part.acts.join()}>{told(row, part)}</div>) : <Tag>{t('matrix.none')}</Tag>,
              },
            ]}
          />
          <h2>{t('matrix.separation')}</h2>
          <ul>
            {matrix.separation.map((rule) => (
              <li key={rule.key}>{zh ? rule.text : rule.textEn}</li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}
