import { Form, Input } from 'antd';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';

import { useDesignerText } from '../../i18n/designer';
import { api, Problem } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { ErrorState } from '../../shared/states';
import { newModel } from '../editor/template';
import type { DefinitionRow } from '../types';

interface Values {
  key: string;
  name: string;
}

/** Asks for key and name; makes the first draft from the template. */
export function NewModelDialog({ existing, onClose }: { existing: DefinitionRow[]; onClose: () => void }): ReactNode {
  const t = useDesignerText();
  const navigate = useNavigate();
  const [form] = Form.useForm<Values>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);

  const create = async (values: Values): Promise<void> => {
    setBusy(true);
    try {
      await api.put(`/drafts/${values.key}`, { name: values.name, xml: newModel(values.key, values.name) }, { ifMatch: '*' });
      await navigate(`/models/${values.key}`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('new.title')} okText={t('new.create')} cancelText={t('cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      {problem ? <ErrorState problem={problem} /> : null}
      <Form form={form} layout="vertical" onFinish={(values) => void create(values)}>
        <Form.Item
          name="key"
          label={t('new.key')}
          rules={[
            { required: true, pattern: /^[a-z][a-z0-9-]{2,59}$/, message: t('new.keyRule') },
            {
              validator: (_, value: string) =>
                existing.some((row) => row.key === value) ? Promise.reject(new Error(t('new.keyTaken'))) : Promise.resolve(),
            },
          ]}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        <Form.Item name="name" label={t('new.name')} rules={[{ required: true, whitespace: true, message: t('new.nameRule') }]}>
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
      </Form>
    </Dialog>
  );
}
