/** The bpmn.io packages that ship no types: only what we use of them. */
declare module 'bpmn-js-i18n/translations/zn.js' {
  const dictionary: Record<string, string>;
  export default dictionary;
}
declare module 'bpmn-js-properties-panel' {
  type Module = Record<string, unknown>;
  export const BpmnPropertiesPanelModule: Module;
  export const BpmnPropertiesProviderModule: Module;
  export const ZeebePropertiesProviderModule: Module;
  export function useService(name: string, strict?: boolean): unknown;
}
declare module 'camunda-bpmn-js-behaviors/lib/camunda-cloud' {
  const behaviors: Record<string, unknown>;
  export default behaviors;
}
declare module 'zeebe-bpmn-moddle/resources/zeebe.json' {
  const descriptor: Record<string, unknown>;
  export default descriptor;
}
declare module '@bpmn-io/properties-panel' {
  type EntryComponent = (props: Record<string, unknown>) => unknown;
  export const TextFieldEntry: EntryComponent;
  export const TextAreaEntry: EntryComponent;
  export const SelectEntry: EntryComponent;
  export const CheckboxEntry: EntryComponent;
  export const FeelEntry: EntryComponent;
  export const FeelTextAreaEntry: EntryComponent;
  export const Group: EntryComponent;
  export const ListGroup: EntryComponent;
  export const isTextFieldEntryEdited: (node: unknown) => boolean;
  export const isTextAreaEntryEdited: (node: unknown) => boolean;
  export const isSelectEntryEdited: (node: unknown) => boolean;
  export const isCheckboxEntryEdited: (node: unknown) => boolean;
  export const isFeelEntryEdited: (node: unknown) => boolean;
}
declare module '@bpmn-io/properties-panel/preact' {
  export function h(type: unknown, props: Record<string, unknown> | null, ...children: unknown[]): unknown;
}
declare module 'dmn-js/lib/Modeler' {
  export interface ModdleElement {
    id: string;
    name?: string;
    decisionLogic?: ModdleElement;
    encapsulatedLogic?: ModdleElement;
    rule?: ModdleElement[];
    input?: ModdleElement[];
    output?: ModdleElement[];
  }
  export interface View {
    element: ModdleElement;
    type: string;
  }
  interface Viewer {
    on(event: string, listener: () => void): void;
  }
  export default class Modeler {
    constructor(options: Record<string, unknown>);
    importXML(xml: string): Promise<{ warnings: unknown[] }>;
    saveXML(options: { format: boolean }): Promise<{ xml: string }>;
    getViews(): View[];
    getActiveView(): View | undefined;
    open(view: View): Promise<unknown>;
    on(event: string, listener: (event: { viewer?: Viewer }) => void): void;
    destroy(): void;
  }
}
declare module 'bpmn-moddle' {
  export class BpmnModdle {
    constructor(packages: Record<string, unknown>);
    fromXML(xml: string, type: string): Promise<{ rootElement: object; warnings: unknown[] }>;
    toXML(element: object, options?: { format?: boolean }): Promise<{ xml: string }>;
  }
}
declare module 'saxen' {
  export class Parser {
    on(event: 'openTag', listener: (name: string, attributes: () => Record<string, string>) => void): this;
    on(event: 'closeTag', listener: (name: string) => void): this;
    parse(xml: string): unknown;
  }
}
