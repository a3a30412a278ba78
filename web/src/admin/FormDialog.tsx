import { Form } from 'antd';
import { type ReactNode, useEffect, useId, useState } from 'react';

import { useLanguage } from '../i18n';
import { type Problem } from '../shared/api/client';
import { Dialog } from '../shared/Dialog';
import { ErrorState } from '../shared/states';

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
  /** Why the server refused the values (`useAction(true)`): told above the form and at the field it names. */
  problem: Problem | null;
  /** Sends the values; true when that succeeded: the dialog closes and says so to `onDone`. */
  onSave: (values: V) => Promise<boolean>;
  onClose: () => void;
  onDone?: (() => void) | undefined;
  children: ReactNode;
}

/** A dialog with a form: its button sends the form, as does Enter in a field of one line; what was typed stays until that succeeded. */
export function FormDialog<V extends object>({ start, danger = false, problem, onSave, onClose, onDone, children, ...shown }: Props<V>): ReactNode {
  const [form] = Form.useForm<V>();
  const [busy, setBusy] = useState(false);
  const id = useId();
  const { locale } = useLanguage();
  useEffect(() => {
    const { pointer, detail, detailEn } = problem?.document ?? {};
    const name = pointer?.split('/')[1] ?? '';
    const told = (locale === 'en' ? detailEn : null) ?? detail;
    // A field that the dialog does not have is not marked; what is wrong stands above in any case.
    if (told && name in form.getFieldsValue()) form.setFields([{ name: name as never, errors: [told] }]);
  }, [problem, form, locale]);
  const save = async (values: V): Promise<void> => {
    setBusy(true);
    const done = await onSave(values).finally(() => setBusy(false));
    if (!done) return;
    onClose();
    onDone?.();
  };
  return (
    <Dialog {...shown} confirmLoading={busy} okButtonProps={{ danger, htmlType: 'submit', form: id }} onCancel={onClose}>
      {problem ? <ErrorState problem={problem} /> : null}
      <Form id={id} form={form} layout="vertical" {...(start ? { initialValues: start } : {})} onFinish={(values) => void save(values)}>
        {children}
      </Form>
    </Dialog>
  );
}
