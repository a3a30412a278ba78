import { AutoComplete, Form, Input, Radio } from 'antd';
import { type ReactNode } from 'react';

import { useAdminText } from '../../i18n/admin';
import { useSetUpText } from '../../i18n/setup';
import { api } from '../../shared/api/client';
import { isCreditCode } from '../creditCode';
import { FormDialog } from '../FormDialog';
import { SECTORS } from '../sectors';
import type { SiteRow } from '../types';
import { useAction } from '../useAction';

interface Values {
  code: string;
  name: string;
  shortName: string;
  regionCode: string;
  sector: string;
  isLocal: boolean;
  uscc?: string;
  phone?: string;
  address?: string;
  documentWord?: string;
}

interface Props {
  /** The site that is changed; null: a new one. */
  row: SiteRow | null;
  onClose: () => void;
  onDone: () => void;
}

/** 机构: a new one, here or at a partner's platform; or what may be changed of one. Code, region and sector stay for good: cases name them. */
export function SiteDialog({ row, onClose, onDone }: Props): ReactNode {
  const t = useSetUpText();
  const admin = useAdminText();
  const { run, problem } = useAction(true);
  const save = ({ code, regionCode, sector, isLocal, ...rest }: Values): Promise<boolean> => {
    const details = { ...rest, uscc: rest.uscc?.trim().toUpperCase() ?? '', phone: rest.phone ?? '', address: rest.address ?? '', documentWord: rest.documentWord ?? '' };
    const work = (): Promise<unknown> => (row ? api.put(`/admin/sites/${String(row.id)}`, details) : api.post('/admin/sites', { ...details, code, regionCode, sector, isLocal }));
    return run(work, t('si.saved'));
  };
  const credit = (_: unknown, value: string | undefined): Promise<void> => (!value || isCreditCode(value.trim().toUpperCase()) ? Promise.resolve() : Promise.reject(new Error(t('si.usccWrong'))));
  const start: Partial<Values> = row ? { ...row } : { isLocal: true };
  return (
    <FormDialog<Values> title={row ? t('si.change') : t('si.add')} okText={t('si.save')} cancelText={t('si.cancel')} start={start} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <Form.Item name="isLocal" label={t('si.where')} extra={t('si.whereHint')}>
        <Radio.Group disabled={row !== null} options={[{ value: true, label: admin('sites.local') }, { value: false, label: admin('sites.remote') }]} />
      </Form.Item>
      <div className="lb-two">
        <Form.Item name="name" label={t('si.name')} rules={[{ required: true, whitespace: true }]}><Input maxLength={200} /></Form.Item>
        <Form.Item name="shortName" label={t('si.shortName')} rules={[{ required: true, whitespace: true }]}><Input maxLength={40} /></Form.Item>
        <Form.Item name="code" label={admin('sites.code')} extra={t('si.codeHint')} rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9-]{2,39}$/ }]}><Input maxLength={40} disabled={row !== null} autoComplete="off" /></Form.Item>
        <Form.Item name="regionCode" label={t('si.region')} extra={t('si.regionHint')} rules={[{ required: true, pattern: /^[0-9]{6}$/ }]}><Input maxLength={6} inputMode="numeric" disabled={row !== null} /></Form.Item>
        <Form.Item name="sector" label={admin('sites.sector')} extra={t('si.sectorHint')} rules={[{ required: true, whitespace: true }]}>
          <AutoComplete disabled={row !== null} options={SECTORS.map((value) => ({ value, label: `${admin(`sector.${value}`)} ${value}` }))} />
        </Form.Item>
        <Form.Item name="documentWord" label={t('si.word')} extra={t('si.wordHint')}><Input maxLength={40} /></Form.Item>
        <Form.Item name="phone" label={admin('sites.phone')}><Input maxLength={40} /></Form.Item>
        <Form.Item name="uscc" label={t('si.uscc')} rules={[{ validator: credit }]}><Input maxLength={18} autoComplete="off" /></Form.Item>
      </div>
      <Form.Item name="address" label={t('si.address')}><Input maxLength={200} /></Form.Item>
    </FormDialog>
  );
}
