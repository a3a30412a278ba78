import { Form, Input } from 'antd';
import { type ReactNode, useState } from 'react';

import { useDesignerText } from '../../i18n/designer';
import { api, newIdempotencyKey, Problem } from '../../shared/api/client';
import { Dialog } from '../../shared/Dialog';
import { ErrorState } from '../../shared/states';
import type { Finding, VersionRow } from '../types';

interface Props {
  modelKey: string;
  running: number;
  getXml: () => Promise<string>;
  onClose: () => void;
  onRefused: (findings: Finding[]) => void;
  onDone: (version: VersionRow) => void;
}

/** Deploys what is on the canvas as a new version; a refusal keeps the draft and hands its findings back. */
export function DeployDialog({ modelKey, running, getXml, onClose, onRefused, onDone }: Props): ReactNode {
  const t = useDesignerText();
  const [form] = Form.useForm<{ note: string }>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [key] = useState(newIdempotencyKey);

  const deploy = async ({ note }: { note: string }): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { key: modelKey, xml: await getXml(), note };
      onDone(await api.post<VersionRow>('/definitions', body, { idempotencyKey: key }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      setBusy(false);
      if (error.document.findings) onRefused(error.document.findings as Finding[]);
    }
  };
  return (
    <Dialog title={t('deploy.title')} okText={t('deploy.confirm')} cancelText={t('cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      {problem ? (
        <>
          <ErrorState problem={problem} />
          <p>{t('deploy.refused')}</p>
        </>
      ) : null}
      <p>{t('deploy.effect', { n: running })}</p>
      <Form form={form} layout="vertical" onFinish={(values) => void deploy(values)}>
        <Form.Item name="note" label={t('deploy.note')} extra={t('deploy.noteHelp')} rules={[{ required: true, whitespace: true, message: t('deploy.noteRule') }]}>
          <Input.TextArea rows={3} maxLength={400} autoFocus />
        </Form.Item>
      </Form>
    </Dialog>
  );
}
