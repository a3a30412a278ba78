import { Form } from 'antd';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';

import { useDesignerText } from '../../i18n/designer';
import { api } from '../../shared/api/client';
import { useAttempt } from '../../shared/api/useAttempt';
import { Dialog } from '../../shared/Dialog';
import { ErrorState } from '../../shared/states';
import { newModel } from '../editor/template';
import type { DefinitionRow } from '../types';
import { KeyAndName, type KeyAndNameValues } from './KeyAndName';

/** Asks for key and name; makes the first draft from the template. */
export function NewModelDialog({ existing, onClose }: { existing: DefinitionRow[]; onClose: () => void }): ReactNode {
  const t = useDesignerText();
  const navigate = useNavigate();
  const [form] = Form.useForm<KeyAndNameValues>();
  const { busy, problem, attempt } = useAttempt();

  const create = ({ key, name }: KeyAndNameValues): Promise<boolean> =>
    attempt(async () => {
      await api.put(`/drafts/${key}`, { name, xml: newModel(key, name) }, { ifMatch: '*' });
      await navigate(`/models/${key}`);
    });
  return (
    <Dialog title={t('new.title')} okText={t('new.create')} cancelText={t('cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      {problem ? <ErrorState problem={problem} /> : null}
      <Form form={form} layout="vertical" onFinish={(values) => void create(values)}>
        <KeyAndName t={t} existing={existing} pattern={/^[a-z][a-z0-9-]{2,59}$/} autoFocus />
      </Form>
    </Dialog>
  );
}
