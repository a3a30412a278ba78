/** Where on the diagram an element is: itself, or what uses it when it is not drawn (a message, an error, a data object, a process). */

interface Moddle {
  id?: string;
  eventDefinitions?: Moddle[];
  [reference: string]: unknown;
}
interface Shape {
  id: string;
  businessObject: Moddle;
}
/** The element registry of bpmn-js. */
export interface Drawn {
  get(id: string): Shape | undefined;
  find(test: (shape: Shape) => boolean): Shape | undefined;
}

const REFERENCES = [
  'messageRef', 'signalRef', 'errorRef', 'escalationRef', 'operationRef', 'dataObjectRef', 'dataStoreRef', 'processRef', 'categoryValueRef',
] as const;

export function locate(drawn: Drawn, elementId: string): string | null {
  if (drawn.get(elementId) !== undefined) return elementId;
  return drawn.find(({ businessObject }) => uses(businessObject, elementId))?.id ?? null;
}

function uses(element: Moddle, elementId: string): boolean {
  const named = REFERENCES.some((name) => (element[name] as Moddle | undefined)?.id === elementId);
  return named || (element.eventDefinitions ?? []).some((each) => each.id === elementId || uses(each, elementId));
}
