/** The properties provider: our groups first, and of the zeebe groups those that this engine honours. */
import type { Catalog } from './catalog';
import { serviceGroups } from './connectors';
import type { DiagramElement, Services } from './extensions';
import {
  actionsGroup,
  contractGroups,
  effectsGroup,
  isFlowNode,
  performerGroup,
  siteGroup,
  taskGroup,
} from './groups';
import type { Panel, PanelGroup } from './groups';
import type { Locale } from './texts';
import { kindOf } from './serviceTask';
import { LianbanPalette } from './palette';
import { panelText } from './texts';

interface PropertiesPanel {
  registerProvider(priority: number, provider: { getGroups(element: DiagramElement): GroupMiddleware }): void;
}
type GroupMiddleware = (groups: PanelGroup[]) => PanelGroup[];

/** After the zeebe provider (500). */
const PRIORITY = 400;

/** Groups of the zeebe provider that nothing here listens to. */
const UNUSED = new Set([
  'Zeebe__ExecutionListeners',
  'Zeebe__TaskListeners',
  'Zeebe__ExtensionProperties',
  'userTaskImplementation',
  'form',
  'assignmentDefinition',
]);

/** Fired with the element when its connection is to be tried. */
export const TRY_EVENT = 'lianban.tryOut';

interface EventBus {
  fire(event: string, context: object): unknown;
}

class LianbanPropertiesProvider {
  static readonly $inject = ['propertiesPanel', 'modeling', 'bpmnFactory', 'lianbanCatalog', 'lianbanLocale', 'eventBus'];
  private readonly panel: () => Panel;

  constructor(
    propertiesPanel: PropertiesPanel,
    modeling: Services['modeling'],
    bpmnFactory: Services['bpmnFactory'],
    catalog: { current: Catalog },
    locale: Locale,
    eventBus: EventBus,
  ) {
    const services = { modeling, bpmnFactory };
    const say = panelText(locale);
    const tryOut = (element: DiagramElement): void => void eventBus.fire(TRY_EVENT, { element });
    this.panel = () => ({ services, catalog: catalog.current, say, ...(catalog.current.connections === undefined ? {} : { tryOut }) });
    propertiesPanel.registerProvider(PRIORITY, this);
  }

  getGroups(element: DiagramElement): GroupMiddleware {
    return (groups) => {
      const ours = element.type === 'bpmn:ServiceTask' && ['http', 'email'].includes(kindOf(element, []));
      const kept = groups.filter((group) => !UNUSED.has(group.id) && !(ours && group.id === 'taskDefinition'));
      const general = kept.findIndex((group) => group.id === 'general');
      return [...kept.slice(0, general + 1), ...this.ownGroups(element), ...kept.slice(general + 1)];
    };
  }

  private ownGroups(element: DiagramElement): PanelGroup[] {
    const panel = this.panel();
    if (element.type === 'bpmn:Participant') return [siteGroup(panel)];
    if (element.type === 'bpmn:Lane') return [performerGroup(panel)];
    if (element.type === 'bpmn:MessageFlow') return contractGroups(panel, element);
    if (!isFlowNode(element)) return [];
    const own = [effectsGroup(panel, element)];
    if (element.type === 'bpmn:ServiceTask') return [...serviceGroups(panel, element), ...own];
    return element.type === 'bpmn:UserTask' ? [taskGroup(panel), actionsGroup(panel, element), ...own] : own;
  }
}

/** The didi module; ``catalog.current`` may be replaced while the designer is open. */
export function lianbanPropertiesModule(catalog: { current: Catalog }, locale: Locale): Record<string, unknown> {
  return {
    __init__: ['lianbanPropertiesProvider', 'lianbanPalette'],
    lianbanPalette: ['type', LianbanPalette],
    lianbanPropertiesProvider: ['type', LianbanPropertiesProvider],
    lianbanCatalog: ['value', catalog],
    lianbanLocale: ['value', locale],
  };
}
