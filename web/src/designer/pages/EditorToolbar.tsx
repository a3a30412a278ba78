import { App, Button, Dropdown, Space } from 'antd';
import { type ReactNode, useRef } from 'react';
import { Link } from 'react-router';

import { useDesignerText } from '../../i18n/designer';
import { useTrialText } from '../../i18n/trial';
import { useMay } from '../../shared/session/useMay';
import { download } from './download';
import type { ModelEditor } from './useModelEditor';

interface Props {
  model: ModelEditor;
  modelKey: string;
  onSave: () => void;
  onCheck: () => void;
  onTry: () => void;
  onDeploy: () => void;
}

export function EditorToolbar({ model, modelKey, onSave, onCheck, onTry, onDeploy }: Props): ReactNode {
  const t = useDesignerText();
  const trial = useTrialText();
  const may = useMay();
  const mayTry = may('trial:do');
  const { editor, history, dirty } = model;
  const off = editor === null || !model.ready;
  return (
    <div className="lb-designer-bar">
      <Link to="/" onClick={(event) => { if (dirty && !confirm(t('editor.leave'))) event.preventDefault(); }}>
        {t('action.back')}
      </Link>
      <h1>{model.name}</h1>
      <span className={dirty ? 'lb-designer-dirty' : 'lb-faint'} role="status">
        {dirty ? t('editor.unsaved') : model.revision === null ? t('editor.clean') : t('editor.saved', { revision: model.revision })}
      </span>
      <Space className="lb-designer-tools" size={4} wrap>
        <Button size="small" disabled={off || !history.canUndo} onClick={() => editor?.undo()}>{t('editor.undo')}</Button>
        <Button size="small" disabled={off || !history.canRedo} onClick={() => editor?.redo()}>{t('editor.redo')}</Button>
        <Button size="small" disabled={off} onClick={() => editor?.zoomBy(1.25)}>{t('editor.zoomIn')}</Button>
        <Button size="small" disabled={off} onClick={() => editor?.zoomBy(0.8)}>{t('editor.zoomOut')}</Button>
        <Button size="small" disabled={off} onClick={() => editor?.fit()}>{t('editor.fit')}</Button>
        <MoreMenu model={model} modelKey={modelKey} off={off} />
        <Button size="small" disabled={off} onClick={onCheck}>{t('editor.check')}</Button>
        {mayTry ? <Button size="small" disabled={off} onClick={onTry}>{trial('open')}</Button> : null}
        {may('design:draft') ? <Button size="small" disabled={off} onClick={onSave}>{t('editor.save')}</Button> : null}
        {may('deploy:request') || may('deploy:publish') ? <Button size="small" type="primary" disabled={off} onClick={onDeploy}>{t('editor.deploy')}</Button> : null}
      </Space>
    </div>
  );
}

function MoreMenu({ model, modelKey, off }: { model: ModelEditor; modelKey: string; off: boolean }): ReactNode {
  const t = useDesignerText();
  const { modal } = App.useApp();
  const drafts = useMay()('design:draft');
  const picker = useRef<HTMLInputElement>(null);
  const run: Record<string, () => void> = {
    xml: () => void model.editor?.xml().then((text) => download(`${modelKey}.bpmn`, text, 'application/xml')),
    svg: () => void model.editor?.svg().then((text) => download(`${modelKey}.svg`, text, 'image/svg+xml')),
    import: () => picker.current?.click(),
    discard: () => {
      modal.confirm({
        title: t('editor.discard'),
        content: t('editor.discardAsk'),
        okText: t('editor.discard'),
        okButtonProps: { danger: true },
        cancelText: t('cancel'),
        focusable: { autoFocusButton: 'cancel' },
        onOk: () => model.discard(),
      });
    },
  };
  return (
    <>
      <Dropdown
        disabled={off}
        trigger={['click']}
        menu={{
          items: [
            { key: 'xml', label: t('editor.exportXml') },
            { key: 'svg', label: t('editor.exportSvg') },
            { key: 'import', label: t('editor.importXml') },
            ...(drafts ? [{ key: 'discard', label: t('editor.discard'), danger: true, disabled: model.revision === null }] : []),
          ],
          onClick: ({ key }) => run[key]?.(),
        }}
      >
        <Button size="small">{t('editor.more')}</Button>
      </Dropdown>
      <input
        ref={picker}
        type="file"
        accept=".bpmn,.xml"
        hidden
        aria-label={t('editor.importXml')}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void file.text().then(model.replace);
        }}
      />
    </>
  );
}
