import { Form } from 'antd';
import { type ReactNode, useState } from 'react';

import { Dialog } from '../shared/Dialog';

interface Props<V extends object> {
  title: string;
  /** The verb of the button that sends the form. */
  okText: string;
  cancelText?: string;
  /** What the fields hold at first. */
  start?: Partial<V>;
  width?: number;
  /** The act cannot be taken back. */
  danger?: boolean;
  /** Sends the values; true when that succeeded: the dialog closes and says so to `onDone`. */
  onSave: (values: V) => Promise<boolean>;
  onClose: () => void;
  onDone?: (() => void) | undefined;
  children: ReactNode;
}

/** A dialog with a form: its button sends the form, and what was typed stays until that succeeded. */
export function FormDialog<V extends object>({ start, danger = false, onSave, onClose, onDone, children, ...shown }: Props<V>): ReactNode {
  const [form] = Form.useForm<V>();
  const [busy, setBusy] = useState(false);
  const save = async (values: V): Promise<void> => {
    setBusy(true);
    const done = await onSave(values).finally(() => setBusy(false));
    if (!done) return;
    onClose();
    onDone?.();
  };
  return (
    <Dialog {...shown} confirmLoading={busy} okButtonProps={{ danger }} onCancel={onClose} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" {...(start ? { initialValues: start } : {})} onFinish={(values) => void save(values)}>
        {children}
      </Form>
    </Dialog>
  );
}
