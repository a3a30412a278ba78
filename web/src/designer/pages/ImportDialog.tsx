import { Button, Form, Segmented, Space, Upload } from 'antd';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';

import { Tag, type TagTone } from '../../case/tags';
import { useLanguage } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import { api } from '../../shared/api/client';
import { useAttempt } from '../../shared/api/useAttempt';
import { Dialog } from '../../shared/Dialog';
import { ErrorState, Notice } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import type { ChangeKind, DefinitionRow, ImportChange, ImportResult } from '../types';
import { download } from './download';
import { KeyAndName, type KeyAndNameValues } from './KeyAndName';

const KINDS: readonly ChangeKind[] = ['manual', 'converted', 'repaired', 'dropped'];
const TONES: Record<ChangeKind, TagTone> = { manual: 'warn', converted: 'info', repaired: 'good', dropped: 'mute' };

interface Loaded {
  file: string;
  result: ImportResult;
}

/** Drop a file of any engine: what was converted, repaired, has no effect or is left to people; then it opens as a draft. */
export function ImportDialog({ existing, onClose }: { existing: DefinitionRow[]; onClose: () => void }): ReactNode {
  const t = useDesignerText();
  const navigate = useNavigate();
  const [form] = Form.useForm<KeyAndNameValues>();
  const [loaded, setLoaded] = useState<Loaded>();
  const { busy, problem, attempt } = useAttempt();

  const read = (file: File): Promise<boolean> =>
    attempt(async () => {
      const result = await api.post<ImportResult>('/definitions/import', { name: file.name, xml: await file.text() });
      setLoaded({ file: file.name, result });
      form.setFieldsValue(suggested(file.name));
    });
  const open = (values: KeyAndNameValues, result: ImportResult): Promise<boolean> =>
    attempt(async () => {
      await api.put(`/drafts/${values.key}`, { name: values.name, xml: result.xml }, { ifMatch: '*' });
      await navigate(`/models/${values.key}`);
    });

  return (
    <Dialog
      width={900}
      title={t('import.title')}
      okText={t('import.open')}
      cancelText={t('cancel')}
      confirmLoading={busy}
      okButtonProps={{ disabled: !loaded }}
      onCancel={onClose}
      onOk={() => form.submit()}
    >
      {problem ? <ErrorState problem={problem} /> : null}
      <Upload.Dragger
        accept=".bpmn,.xml"
        showUploadList={false}
        disabled={busy}
        beforeUpload={(file) => {
          void read(file);
          return false;
        }}
      >
        <p>{loaded ? t('import.again', { file: loaded.file }) : t('import.drop')}</p>
        <p className="lb-faint">{t('import.which')}</p>
      </Upload.Dragger>
      {loaded ? <Report loaded={loaded} /> : null}
      {loaded ? (
        <Form form={form} layout="inline" onFinish={(values) => void open(values, loaded.result)}>
          <KeyAndName t={t} existing={existing} pattern={/^[a-z][a-z0-9-]{2,59}$/} />
        </Form>
      ) : null}
    </Dialog>
  );
}

function Report({ loaded }: { loaded: Loaded }): ReactNode {
  const t = useDesignerText();
  const { result } = loaded;
  const [kind, setKind] = useState<ChangeKind | 'all'>('all');
  const count = (which: ChangeKind): number => result.changes.filter((row) => row.kind === which).length;
  const shown = result.changes.filter((row) => kind === 'all' || row.kind === kind);
  const errors = result.findings.filter((finding) => finding.severity === 'error').length;
  return (
    <Space orientation="vertical" className="lb-import" size="small">
      <p role="status">
        {t('import.summary', { dialect: t(`import.dialect.${result.dialect}`), n: result.changes.length })}{' '}
        {errors > 0 ? t('import.findings', { n: errors }) : t('import.ready')}
      </p>
      <Segmented
        aria-label={t('import.filter')}
        value={kind}
        onChange={setKind}
        options={[
          { value: 'all', label: t('import.all', { n: result.changes.length }) },
          ...KINDS.map((which) => ({ value: which, label: `${t(`import.${which}`)} ${String(count(which))}` })),
        ]}
      />
      <Changes rows={shown} />
      {result.forms.length > 0 ? (
        <Notice tone="info" title={t('import.forms', { n: result.forms.length })}>
          <Button size="small" onClick={() => result.forms.forEach((made) => download(`${made.formId}.form`, JSON.stringify(made.form, null, 1), 'application/json'))}>
            {t('import.saveForms')}
          </Button>
        </Notice>
      ) : null}
    </Space>
  );
}

function Changes({ rows }: { rows: ImportChange[] }): ReactNode {
  const t = useDesignerText();
  const { locale } = useLanguage();
  if (rows.length === 0) return <p className="lb-none">{t('import.noneOfKind')}</p>;
  return (
    <WideTable<ImportChange & { at: number }>
      rowKey="at"
      scroll={{}}
      dataSource={rows.map((row, at) => ({ ...row, at }))}
      columns={[
        { title: t('import.kind'), width: 90, render: (_, row) => <Tag tone={TONES[row.kind]}>{t(`import.${row.kind}`)}</Tag> },
        { title: t('import.message'), render: (_, row) => (locale === 'zh' ? row.message : row.messageEn) },
        {
          title: t('import.element'),
          width: 200,
          render: (_, row) => (
            <>
              <code>{row.elementId}</code>
              {row.line ? <div className="lb-faint">{t('findings.line', { n: row.line })}</div> : null}
            </>
          ),
        },
      ]}
    />
  );
}

/** Key and name from the file's name. */
function suggested(file: string): KeyAndNameValues {
  const base = file.replace(/(\.bpmn20)?\.(bpmn|xml)$/i, '');
  const key = base.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 60);
  return { key, name: base };
}
