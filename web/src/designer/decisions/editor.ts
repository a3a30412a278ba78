/** The dmn-js modeler with Chinese; loaded only when a decision model is opened. */
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn-embedded.css';

import Modeler, { type ModdleElement, type View } from 'dmn-js/lib/Modeler';

import { translator } from './translate';

/** A page of the model: the requirements diagram, a table, an expression. */
export interface Sheet {
  id: string;
  name: string;
  type: string;
  active: boolean;
}

export interface DecisionEditorOptions {
  container: HTMLElement;
  locale: 'zh' | 'en';
  onChange: () => void;
  onSheets: (sheets: Sheet[]) => void;
}

/** The file says what the editor would lose when it saves. */
export class TooNew extends Error {
  constructor(readonly element: string) {
    super(element);
    this.name = 'TooNew';
  }
}

/** dmn-js writes DMN 1.3. A newer file is the same but for its namespaces, unless it uses what came later: then it is not opened. */
function forEditor(xml: string): string {
  const newer = /https:\/\/www\.omg\.org\/spec\/DMN\/(?:20211108|20230324)\/(MODEL|DMNDI|FEEL)\//g;
  if (!newer.test(xml)) return xml;
  const later = /<(?:[\w-]+:)?(conditional|filter|for|some|every|typeConstraint)[\s/>]/.exec(xml);
  if (later) throw new TooNew(later[1] ?? '');
  return xml.replace(newer, 'https://www.omg.org/spec/DMN/20191111/$1/');
}

export class DecisionEditor {
  private readonly modeler: Modeler;

  constructor(private readonly options: DecisionEditorOptions) {
    const additionalModules = [{ translate: ['value', translator(options.locale)] }];
    this.modeler = new Modeler({
      container: options.container,
      drd: { additionalModules },
      decisionTable: { additionalModules },
      literalExpression: { additionalModules },
      boxedExpression: { additionalModules },
    });
    this.modeler.on('views.changed', () => this.tell());
    this.modeler.on('viewer.created', ({ viewer }) => viewer?.on('commandStack.changed', options.onChange));
  }

  /** The empty corner of a table is drawn as a header cell; it heads nothing. */
  private readonly mendCorner = (): void => {
    for (const corner of this.options.container.querySelectorAll('th.index-column')) corner.setAttribute('role', 'presentation');
  };

  private tell(): void {
    requestAnimationFrame(this.mendCorner);
    const active = this.modeler.getActiveView();
    this.options.onSheets(
      this.modeler.getViews().map((view) => ({
        id: view.element.id, name: view.element.name ?? view.element.id, type: view.type, active: view.element === active?.element,
      })),
    );
  }

  async open(xml: string): Promise<void> {
    await this.modeler.importXML(forEditor(xml));
    this.tell();
  }

  async xml(): Promise<string> {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  async openSheet(id: string): Promise<void> {
    const view = this.modeler.getViews().find((candidate) => candidate.element.id === id);
    if (view) await this.modeler.open(view);
  }

  /** Whether an element has a sheet, or lies in the table of one. */
  has(elementId: string): boolean {
    return this.modeler.getViews().some((view) => holds(view, elementId));
  }

  /** Shows the sheet of an element: of a decision, or of what lies in its table. */
  async show(elementId: string): Promise<void> {
    const view = this.modeler.getViews().find((candidate) => holds(candidate, elementId));
    if (view) await this.modeler.open(view);
  }

  /** Marks the rules (numbers from 1) that matched in the table of each decision. */
  mark(rules: ReadonlyMap<string, readonly number[]>): void {
    const { container } = this.options;
    for (const row of container.querySelectorAll('tr.lb-rule-hit')) row.classList.remove('lb-rule-hit');
    const active = this.modeler.getActiveView()?.element;
    const ids = active?.decisionLogic?.rule ?? [];
    for (const number of (active && rules.get(active.id)) ?? []) {
      const id = ids[number - 1]?.id;
      if (id) container.querySelector(`[data-row-id="${CSS.escape(id)}"]`)?.closest('tr')?.classList.add('lb-rule-hit');
    }
  }

  destroy(): void {
    this.modeler.destroy();
  }
}

function holds({ element, type }: View, id: string): boolean {
  if (type === 'drd') return false;
  return element.id === id || within(element.decisionLogic ?? element.encapsulatedLogic, id);
}

function within(logic: ModdleElement | undefined, id: string): boolean {
  if (!logic) return false;
  return logic.id === id || [...(logic.rule ?? []), ...(logic.input ?? []), ...(logic.output ?? [])].some((part) => part.id === id);
}
