import { type ReactNode, useEffect, useRef } from 'react';

import { type DrawnTask } from '../../bpmn/provider/serviceTask';
import { type Locale } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import { DiagramEditor } from '../editor/modeler';
import { useCatalog } from './useCatalog';

interface Props {
  locale: Locale;
  /** Called with the editor when it stands, with null when it goes. */
  onEditor: (editor: DiagramEditor | null) => void;
  onChange: (history: { canUndo: boolean; canRedo: boolean }) => void;
  onTry: (task: DrawnTask) => void;
}

/** Canvas and properties panel: the DOM that bpmn-js owns. */
export function EditorHost({ locale, onEditor, onChange, onTry }: Props): ReactNode {
  const t = useDesignerText();
  const canvas = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLElement>(null);
  const catalog = useCatalog(locale);
  useEffect(() => {
    if (canvas.current === null || panel.current === null) return undefined;
    const editor: DiagramEditor = new DiagramEditor({
      container: canvas.current,
      panel: panel.current,
      catalog,
      locale,
      onChange: () => onChange(editor.history()),
      onTry,
    });
    onEditor(editor);
    return () => {
      onEditor(null);
      editor.destroy();
    };
  }, [catalog, locale, onEditor, onChange, onTry]);
  return (
    <div className="lb-designer-body">
      <div ref={canvas} className="lb-designer-canvas" role="application" aria-label={t('editor.canvas')} />
      <aside ref={panel} className="lb-designer-panel" aria-label={t('editor.panel')} />
    </div>
  );
}
