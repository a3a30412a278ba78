import { App, Button, Space } from 'antd';
import { type ReactNode, useRef, useState } from 'react';
import { Link, useParams } from 'react-router';

import { labelled } from '../../case/language';
import { useLanguage } from '../../i18n';
import { useDecisionText } from '../../i18n/decisions';
import { useMay } from '../../shared/session/useMay';
import { ErrorState, Loading } from '../../shared/states';
import { DeployDialog } from '../pages/DeployDialog';
import { download } from '../pages/download';
import { FindingsPanel } from '../pages/FindingsPanel';
import { useUnsavedWarning } from '../pages/useUnsavedWarning';
import { forgetNew } from './fresh';
import { TryPanel } from './TryPanel';
import type { DecisionVersion } from './types';
import { useDecisionEditor, type DecisionWork } from './useDecisionEditor';

/** The decision designer: diagram, tables and expressions, findings, trying out, deployment. */
export function DecisionEditorPage(): ReactNode {
  return (
    <App className="lb-designer">
      <Editor />
    </App>
  );
}

function Editor(): ReactNode {
  const t = useDecisionText();
  const { locale } = useLanguage();
  const { key = '' } = useParams();
  const { message } = App.useApp();
  const host = useRef<HTMLDivElement>(null);
  const work = useDecisionEditor(key, locale, host);
  const [deploying, setDeploying] = useState(false);
  const { editor } = work;

  useUnsavedWarning(work.dirty);

  return (
    <>
      <Toolbar work={work} modelKey={key} onDeploy={() => setDeploying(true)} />
      {work.problem ? <ErrorState problem={work.problem} /> : null}
      {work.importFailure ? (
        <p className="lb-notice" data-tone="bad" role="alert">
          {work.importFailure.element
            ? t('editor.tooNew', { element: work.importFailure.element })
            : labelled(locale, t('editor.importFailed'), work.importFailure.text ?? '')}
        </p>
      ) : null}
      {!work.ready && !work.problem && !work.importFailure ? <Loading /> : null}
      <div className="lb-designer-body">
        <div className="lb-decision-main">
          <Sheets work={work} />
          <div ref={host} className="lb-designer-canvas lb-decision-canvas" role="application" aria-label={t('editor.canvas')} />
        </div>
        <aside className="lb-designer-panel">
          <TryPanel model={work.model} editor={editor} />
        </aside>
      </div>
      <FindingsPanel findings={work.findings} stale={work.stale} isDrawn={(id) => editor?.has(id) ?? false} onSelect={(id) => void editor?.show(id)} />
      {deploying && editor ? (
        <DeployDialog<DecisionVersion>
          t={t}
          path="/decisions"
          modelKey={key}
          effect={t('deploy.effect')}
          getXml={() => editor.xml()}
          onClose={() => setDeploying(false)}
          onRefused={work.setFindings}
          onDone={(version) => {
            setDeploying(false);
            forgetNew(key);
            work.settled();
            work.setFindings(version.findings);
            void message.success(t('deploy.done', { version: version.version }));
          }}
        />
      ) : null}
    </>
  );
}

function Toolbar({ work, modelKey, onDeploy }: { work: DecisionWork; modelKey: string; onDeploy: () => void }): ReactNode {
  const t = useDecisionText();
  const may = useMay();
  const off = work.editor === null;
  return (
    <div className="lb-designer-bar">
      <Link to="/decisions" onClick={(event) => { if (work.dirty && !confirm(t('editor.leave'))) event.preventDefault(); }}>
        {t('action.back')}
      </Link>
      <h1>{work.name}</h1>
      <span className={work.dirty ? 'lb-designer-dirty' : 'lb-faint'} role="status">
        {t(work.dirty ? 'editor.unsaved' : 'editor.clean')}
      </span>
      <Space className="lb-designer-tools" size={4} wrap>
        <Button size="small" disabled={off} onClick={() => void work.editor?.xml().then((xml) => download(`${modelKey}.dmn`, xml, 'application/xml'))}>
          {t('action.download')}
        </Button>
        <Button size="small" disabled={off} onClick={() => void work.check()}>{t('action.check')}</Button>
        {may('deploy:request') || may('deploy:publish') ? <Button size="small" type="primary" disabled={off} onClick={onDeploy}>{t('action.deploy')}</Button> : null}
      </Space>
    </div>
  );
}

function Sheets({ work }: { work: DecisionWork }): ReactNode {
  const t = useDecisionText();
  return (
    <nav className="lb-decision-sheets" aria-label={t('editor.sheets')}>
      {work.sheets.map((sheet) => (
        <button key={sheet.id} type="button" aria-current={sheet.active ? 'page' : undefined} onClick={() => void work.editor?.openSheet(sheet.id)}>
          {sheet.type === 'drd' ? t('editor.drd') : sheet.name}
        </button>
      ))}
    </nav>
  );
}
