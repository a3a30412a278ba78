/** Entries of the palette for what service tasks do most: an HTTP call and a letter. */
import type { BpmnFactory, ModdleElement } from './extensions';
import type { Locale } from './texts';
import { panelText } from './texts';

interface Palette {
  registerProvider(provider: { getPaletteEntries(): object }): void;
}
interface ElementFactory {
  createShape(attributes: object): object;
}
interface Create {
  start(event: unknown, shape: object): void;
}

export class LianbanPalette {
  static readonly $inject = ['palette', 'create', 'elementFactory', 'bpmnFactory', 'lianbanLocale'];

  constructor(
    palette: Palette,
    private readonly create: Create,
    private readonly elementFactory: ElementFactory,
    private readonly bpmnFactory: BpmnFactory,
    private readonly locale: Locale,
  ) {
    palette.registerProvider(this);
  }

  getPaletteEntries(): object {
    const say = panelText(this.locale);
    return {
      'lianban-http': this.entry('http', say('workHttp')),
      'lianban-email': this.entry('email', say('workMail')),
    };
  }

  private entry(type: string, title: string): object {
    const start = (event: unknown): void => {
      this.create.start(event, this.elementFactory.createShape({ type: 'bpmn:ServiceTask', businessObject: newServiceTask(this.bpmnFactory, type, title) }));
    };
    return { group: 'activity', className: `lb-palette-${type}`, title, action: { dragstart: start, click: start } };
  }
}

/** A service task that is already what its palette entry says. */
export function newServiceTask(bpmnFactory: BpmnFactory, type: string, name: string): ModdleElement {
  const definition = bpmnFactory.create('zeebe:TaskDefinition', { type });
  const extensionElements = bpmnFactory.create('bpmn:ExtensionElements', { values: [definition] });
  definition.$parent = extensionElements;
  const task = bpmnFactory.create('bpmn:ServiceTask', { name, extensionElements });
  extensionElements.$parent = task;
  return task;
}
