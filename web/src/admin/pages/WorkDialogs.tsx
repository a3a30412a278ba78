import { Form, Input, Select } from 'antd';
import { type ReactElement } from 'react';

import { useAdminText } from '../../i18n/admin';
import { api } from '../../shared/api/client';
import { Dialog } from '../Dialog';
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
  const t = useAdminText();
  const { busy, run } = useAction();
  const [form] = Form.useForm<{ hours: number }>();
  const save = async ({ hours }: { hours: number }): Promise<void> => {
    if (await run(() => api.post(`/admin/work/${String(row.id)}/put-off`, { hours }), t('work.putOffDone'))) onDone();
  };
  return (
    <Dialog title={t('work.putOffTitle', { id: String(row.id) })} okText={t('work.putOff')} cancelText={t('action.cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" initialValues={{ hours: 1 }} onFinish={(values) => void save(values)}>
        <Form.Item name="hours" label={t('work.putOffUntil')}>
          <Select options={HOURS.map(([value, label]) => ({ value, label: t(label) }))} />
        </Form.Item>
      </Form>
    </Dialog>
  );
}

/** 放弃: it will not be done; the reason is recorded. */
export function GiveUpDialog({ row, onDone, onClose }: DialogProps): ReactElement {
  const t = useAdminText();
  const { busy, run } = useAction();
  const [form] = Form.useForm<{ reason: string }>();
  const save = async ({ reason }: { reason: string }): Promise<void> => {
    if (await run(() => api.post(`/admin/work/${String(row.id)}/cancel`, { reason }), t('work.giveUpDone'))) onDone();
  };
  return (
    <Dialog title={t('work.giveUpTitle', { id: String(row.id) })} okText={t('work.giveUp')} okButtonProps={{ danger: true }} cancelText={t('action.cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      <p>{t('work.giveUpNote')}</p>
      <Form form={form} layout="vertical" onFinish={(values) => void save(values)}>
        <Form.Item name="reason" label={t('work.reason')} rules={[{ required: true, whitespace: true, message: t('work.reasonMissing') }]}>
          <Input.TextArea maxLength={300} rows={3} />
        </Form.Item>
      </Form>
    </Dialog>
  );
}
