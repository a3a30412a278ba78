import { Form, Input } from 'antd';
import { type ReactNode, useState } from 'react';

import type { Translate } from '../../i18n';
import { api, newIdempotencyKey, Problem } from '../../shared/api/client';
import { useAttempt } from '../../shared/api/useAttempt';
import { Dialog } from '../../shared/Dialog';
import { ErrorState } from '../../shared/states';
import type { Finding } from '../types';

interface Props<Version> {
  t: Translate<'deploy.title' | 'deploy.confirm' | 'deploy.note' | 'deploy.noteRule' | 'cancel'>;
  /** Where versions of this kind of model are deployed. */
  path: '/definitions' | '/decisions';
  modelKey: string;
  /** What the deployment means for what is running. */
  effect: string;
  noteHelp?: string;
  /** What is left when the server refuses. */
  refused?: string;
  getXml: () => Promise<string>;
  onClose: () => void;
  onRefused: (findings: Finding[]) => void;
  onDone: (version: Version) => void;
}

/** Deploys what is drawn as a new version; a refusal keeps the draft and hands its findings back. */
export function DeployDialog<Version>({ t, path, modelKey, effect, noteHelp, refused, getXml, onClose, onRefused, onDone }: Props<Version>): ReactNode {
  const [form] = Form.useForm<{ note: string }>();
  const { busy, problem, attempt } = useAttempt();
  const [idempotencyKey] = useState(newIdempotencyKey);

  const deploy = ({ note }: { note: string }): Promise<boolean> =>
    attempt(async () => {
      try {
        onDone(await api.post<Version>(path, { key: modelKey, xml: await getXml(), note }, { idempotencyKey }));
      } catch (error) {
        if (error instanceof Problem && error.document.findings) onRefused(error.document.findings as Finding[]);
        throw error;
      }
    });
  return (
    <Dialog title={t('deploy.title')} okText={t('deploy.confirm')} cancelText={t('cancel')} confirmLoading={busy} onCancel={onClose} onOk={() => form.submit()}>
      {problem ? (
        <>
          <ErrorState problem={problem} />
          {refused ? <p>{refused}</p> : null}
        </>
      ) : null}
      <p>{effect}</p>
      <Form form={form} layout="vertical" onFinish={(values) => void deploy(values)}>
        <Form.Item name="note" label={t('deploy.note')} {...(noteHelp ? { extra: noteHelp } : {})} rules={[{ required: true, whitespace: true, message: t('deploy.noteRule') }]}>
          <Input.TextArea rows={3} maxLength={400} autoFocus />
        </Form.Item>
      </Form>
    </Dialog>
  );
}
