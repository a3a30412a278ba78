import { App } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { useParams } from 'react-router';

import type { DrawnTask } from '../../bpmn/provider/serviceTask';
import { labelled } from '../../case/language';
import { useLanguage } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import { api, Problem } from '../../shared/api/client';
import { useMay } from '../../shared/session/useMay';
import { ErrorState, Loading } from '../../shared/states';
import type { Trial, TrialRequest } from '../trial/types';
import { TryCallDrawer } from '../connect/TryCallDrawer';
import type { Finding, VersionRow } from '../types';
import { DeployDialog } from './DeployDialog';
import { EditorHost } from './EditorHost';
import { EditorToolbar } from './EditorToolbar';
import { FindingsPanel } from './FindingsPanel';
import { TrialDrawer } from './TrialDrawer';
import { useModelEditor } from './useModelEditor';
import { useUnsavedWarning } from './useUnsavedWarning';

/** The designer: canvas, properties panel, findings; drafts are saved, deployments make a new version. */
export function EditorPage(): ReactNode {
  return (
    <App className="lb-designer">
      <Editor />
    </App>
  );
}

function Editor(): ReactNode {
  const t = useDesignerText();
  const { locale } = useLanguage();
  const { key = '' } = useParams();
  const { message, modal } = App.useApp();
  const model = useModelEditor(key, locale);
  const [deploying, setDeploying] = useState(false);
  const [failure, setFailure] = useState<Problem>();
  const [trial, setTrial] = useState<Trial>();
  const [task, setTask] = useState<DrawnTask>();
  const drafts = useMay()('design:draft');

  useUnsavedWarning(model.dirty);

  const attempt = async (action: () => Promise<void>): Promise<void> => {
    setFailure(undefined);
    try {
      await action();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 412 || error.code === 'draft-changed') {
        modal.confirm({
          title: t('editor.conflict'),
          content: t('editor.conflictNext'),
          okText: t('editor.overwrite'),
          okButtonProps: { danger: true },
          cancelText: t('cancel'),
          focusable: { autoFocusButton: 'cancel' },
          onOk: () => attempt(() => model.save(true)),
        });
      } else setFailure(error);
    }
  };
  const tryOut = async (): Promise<void> => {
    if (!model.editor) return;
    const resources = [{ name: `${key}.bpmn`, content: await model.editor.xml() }];
    try {
      setTrial(await api.post<Trial>('/trials', { name: model.name, resources, services: 'complete' } satisfies TrialRequest));
    } catch (error) {
      if (error instanceof Problem && error.code === 'definition-refused') model.setFindings((error.document.findings ?? []) as Finding[]);
      throw error;
    }
  };
  const save = (): void => {
    if (!drafts) return;
    void attempt(async () => {
      await model.save();
      void message.success(t('editor.saved', { revision: model.revision === null ? 1 : model.revision + 1 }));
    });
  };
  useSaveKey(save);

  return (
    <>
      <EditorToolbar model={model} modelKey={key} onSave={save} onCheck={() => void attempt(model.check)} onTry={() => void attempt(tryOut)} onDeploy={() => setDeploying(true)} />
      {model.problem ? <ErrorState problem={model.problem} onRetry={() => location.reload()} /> : null}
      {failure ? <ErrorState problem={failure} /> : null}
      {model.importFailure ? (
        <p className="lb-notice" data-tone="bad" role="alert">
          {labelled(locale, t('editor.importFailed'), model.importFailure)}
        </p>
      ) : null}
      {!model.ready && !model.problem ? <Loading /> : null}
      <EditorHost locale={locale} onEditor={model.setEditor} onChange={model.onChange} onTry={setTask} />
      <FindingsPanel
        findings={model.findings}
        stale={model.stale}
        isDrawn={(id) => typeof model.editor?.locate(id) === 'string'}
        onSelect={(id) => model.editor?.select(id)}
      />
      {deploying && model.editor ? (
        <DeployDialog<VersionRow>
          t={t}
          path="/definitions"
          modelKey={key}
          effect={t('deploy.effect', { n: model.running })}
          noteHelp={t('deploy.noteHelp')}
          refused={t('deploy.refused')}
          getXml={() => (model.editor ? model.editor.xml() : Promise.reject(new Error('closed')))}
          onClose={() => setDeploying(false)}
          onRefused={model.setFindings}
          onDone={(version) => {
            setDeploying(false);
            model.setFindings(version.findings);
            void message.success(t('deploy.done', { version: version.version }));
          }}
        />
      ) : null}
      {task ? <TryCallDrawer task={task} onClose={() => setTask(undefined)} /> : null}
      {trial ? (
        <TrialDrawer
          trial={trial}
          onTrial={setTrial}
          onClose={() => {
            setTrial(undefined);
            void attempt(() => api.delete(`/trials/${String(trial.id)}`));
          }}
        />
      ) : null}
    </>
  );
}

function useSaveKey(save: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
        event.preventDefault();
        save();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}
