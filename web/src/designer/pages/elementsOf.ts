/** A flow node of a model. */
export interface NamedElement {
  id: string;
  name: string;
  type: string;
}

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const NODES = /(?:Task|Event|Gateway|subProcess|SubProcess|transaction|callActivity)$|^task$/;

/** The flow nodes of a BPMN file, in the order of the file. */
export function elementsOf(xml: string): NamedElement[] {
  if (!xml) return [];
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  return [...document.getElementsByTagNameNS(BPMN, '*')]
    .filter((element) => NODES.test(element.localName) && element.id)
    .map((element) => ({ id: element.id, name: element.getAttribute('name') ?? '', type: element.localName }));
}
