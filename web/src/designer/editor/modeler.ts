/** The bpmn-js modeler set up for our dialect: panel, behaviours, Chinese, findings on the diagram. */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';

import Modeler from 'bpmn-js/lib/Modeler';
import {
  BpmnPropertiesPanelModule,
  BpmnPropertiesProviderModule,
  ZeebePropertiesProviderModule,
} from 'bpmn-js-properties-panel';
import camundaCloudBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';

import { translateModule } from '../../bpmn/i18n/translate';
import lianban from '../../bpmn/moddle/lianban.json';
import { TRY_EVENT, lianbanPropertiesModule } from '../../bpmn/provider';
import type { Catalog } from '../../bpmn/provider/catalog';
import type { DiagramElement } from '../../bpmn/provider/extensions';
import { drawnTask } from '../../bpmn/provider/serviceTask';
import type { DrawnTask } from '../../bpmn/provider/serviceTask';
import { markFindings } from '../../bpmn/viewer/BpmnViewer';
import type { FindingMark } from '../../bpmn/viewer/BpmnViewer';
import { locate } from '../../bpmn/viewer/locate';
import type { Drawn } from '../../bpmn/viewer/locate';

interface Selection {
  select(element: unknown): void;
}
interface Registry {
  get(id: string): unknown;
}
interface Canvas {
  zoom(to?: 'fit-viewport' | number, center?: 'auto'): number;
  viewbox(): ViewBox;
  viewbox(box: Box): unknown;
  scrollToElement(element: unknown): void;
}
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface ViewBox extends Box {
  inner: Box;
  outer: { width: number; height: number };
}
interface CommandStack {
  undo(): void;
  redo(): void;
  canUndo(): boolean;
  canRedo(): boolean;
}

/** Room for the palette at the left and around the diagram, in pixels of the screen. */
const PALETTE = 130;
const MARGIN = 16;

export interface EditorOptions {
  container: HTMLElement;
  panel: HTMLElement;
  catalog: { current: Catalog };
  locale: 'zh' | 'en';
  onChange: () => void;
  /** The connection of a service task is to be tried. */
  onTry: (task: DrawnTask) => void;
}

export class DiagramEditor {
  private readonly modeler: Modeler;
  private unmark: () => void = () => undefined;

  constructor(options: EditorOptions) {
    this.modeler = new Modeler({
      container: options.container,
      propertiesPanel: { parent: options.panel, feelTooltipContainer: options.panel },
      moddleExtensions: { zeebe, lianban },
      additionalModules: [
        BpmnPropertiesPanelModule,
        BpmnPropertiesProviderModule,
        ZeebePropertiesProviderModule,
        camundaCloudBehaviors,
        lianbanPropertiesModule(options.catalog, options.locale),
        translateModule(options.locale),
      ],
    });
    this.modeler.on('commandStack.changed', options.onChange);
    this.modeler.on(TRY_EVENT, (event: { element: DiagramElement }) => options.onTry(drawnTask(event.element)));
  }

  async open(xml: string): Promise<void> {
    this.unmark();
    this.unmark = () => undefined;
    await this.modeler.importXML(xml);
    this.fit();
  }

  async xml(): Promise<string> {
    const saved = await this.modeler.saveXML({ format: true });
    if (saved.xml === undefined) throw saved.error ?? new Error('the diagram could not be serialised');
    return saved.xml;
  }

  async svg(): Promise<string> {
    return (await this.modeler.saveSVG()).svg;
  }

  showFindings(findings: FindingMark[]): void {
    this.unmark();
    this.unmark = markFindings(this.modeler, findings);
  }

  /** The element on the canvas that a finding is about, or that uses what it is about. */
  locate(elementId: string): string | null {
    return locate(this.modeler.get<Drawn>('elementRegistry'), elementId);
  }

  select(elementId: string): void {
    const element = this.modeler.get<Registry>('elementRegistry').get(this.locate(elementId) ?? elementId);
    if (element === undefined) return;
    this.modeler.get<Canvas>('canvas').scrollToElement(element);
    this.modeler.get<Selection>('selection').select(element);
  }

  /** The whole diagram beside the palette, never larger than drawn. */
  fit(): void {
    const canvas = this.modeler.get<Canvas>('canvas');
    const { inner, outer } = canvas.viewbox();
    if (inner.width === 0 || outer.width === 0) return;
    const scale = Math.min(1, (outer.width - PALETTE - MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height);
    canvas.viewbox({
      x: inner.x - PALETTE / scale,
      y: inner.y - MARGIN / scale,
      width: outer.width / scale,
      height: outer.height / scale,
    });
  }

  zoomBy(factor: number): void {
    const canvas = this.modeler.get<Canvas>('canvas');
    canvas.zoom(Math.min(4, Math.max(0.2, canvas.zoom() * factor)));
  }

  undo(): void {
    this.modeler.get<CommandStack>('commandStack').undo();
  }

  redo(): void {
    this.modeler.get<CommandStack>('commandStack').redo();
  }

  history(): { canUndo: boolean; canRedo: boolean } {
    const stack = this.modeler.get<CommandStack>('commandStack');
    return { canUndo: stack.canUndo(), canRedo: stack.canRedo() };
  }

  destroy(): void {
    this.modeler.destroy();
  }
}
