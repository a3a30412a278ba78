import { Form, Input, Select } from 'antd';
import { type ReactElement } from 'react';

import { useOperationsText } from '../../i18n/operations';
import { api } from '../../shared/api/client';
import { FormDialog } from '../FormDialog';
import type { WorkRow } from '../types';
import { useAction } from '../useAction';

interface DialogProps {
  row: WorkRow;
  onDone: () => void;
  onClose: () => void;
}

const HOURS = [
  [1, 'work.hour'],
  [24, 'work.day'],
  [72, 'work.threeDays'],
  [168, 'work.week'],
] as const;

/** 推迟: not before a later moment, with fresh attempts. */
export function PutOffDialog({ row, onDone, onClose }: DialogProps): ReactElement {
  const t = useOperationsText();
  const { run, problem } = useAction(true);
  const save = (values: { hours: number }): Promise<boolean> => run(() => api.post(`/admin/work/${String(row.id)}/put-off`, values), t('work.putOffDone'));
  return (
    <FormDialog<{ hours: number }> title={t('work.putOffTitle', { id: String(row.id) })} okText={t('work.putOff')} cancelText={t('action.cancel')} start={{ hours: 1 }} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <Form.Item name="hours" label={t('work.putOffUntil')}>
        <Select options={HOURS.map(([value, label]) => ({ value, label: t(label) }))} />
      </Form.Item>
    </FormDialog>
  );
}

/** 放弃: it will not be done; the reason is recorded. */
export function GiveUpDialog({ row, onDone, onClose }: DialogProps): ReactElement {
  const t = useOperationsText();
  const { run, problem } = useAction(true);
  const save = (values: { reason: string }): Promise<boolean> => run(() => api.post(`/admin/work/${String(row.id)}/cancel`, values), t('work.giveUpDone'));
  return (
    <FormDialog<{ reason: string }> title={t('work.giveUpTitle', { id: String(row.id) })} okText={t('work.giveUp')} cancelText={t('action.cancel')} danger problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <p>{t('work.giveUpNote')}</p>
      <Form.Item name="reason" label={t('work.reason')} rules={[{ required: true, whitespace: true, message: t('work.reasonMissing') }]}>
        <Input.TextArea maxLength={300} rows={3} />
      </Form.Item>
    </FormDialog>
  );
}
