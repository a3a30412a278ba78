/** Reading and writing extension elements of a diagram element as undoable commands. */

export interface ModdleElement {
  $type: string;
  $parent?: ModdleElement;
  get(name: string): unknown;
  [property: string]: unknown;
}
export interface DiagramElement {
  id: string;
  type: string;
  businessObject: ModdleElement;
  labelTarget?: DiagramElement;
}
export interface Modeling {
  updateModdleProperties(element: DiagramElement, moddleElement: ModdleElement, properties: object): void;
}
export interface BpmnFactory {
  create(type: string, properties?: object): ModdleElement;
}
export interface Services {
  modeling: Modeling;
  bpmnFactory: BpmnFactory;
}

/** The element that carries the extension: a pool's extensions sit on its participant. */
function extensionHolder(element: DiagramElement): ModdleElement {
  return element.businessObject;
}

export function extensionValues(holder: ModdleElement): ModdleElement[] {
  const extensions = holder.get('extensionElements') as ModdleElement | undefined;
  return (extensions?.get('values') as ModdleElement[] | undefined) ?? [];
}

function findExtensions(element: DiagramElement, type: string): ModdleElement[] {
  return extensionValues(extensionHolder(element)).filter((value) => value.$type === type);
}

export function findExtension(element: DiagramElement, type: string): ModdleElement | undefined {
  return findExtensions(element, type)[0];
}

/** Adds an extension element of the type (several may stand side by side). */
export function addExtension(services: Services, element: DiagramElement, type: string, properties: object): void {
  const holder = extensionHolder(element);
  const extensions = holder.get('extensionElements') as ModdleElement | undefined;
  const value = services.bpmnFactory.create(type, properties);
  if (extensions === undefined) {
    const created = services.bpmnFactory.create('bpmn:ExtensionElements', { values: [value] });
    created.$parent = holder;
    value.$parent = created;
    services.modeling.updateModdleProperties(element, holder, { extensionElements: created });
    return;
  }
  value.$parent = extensions;
  services.modeling.updateModdleProperties(element, extensions, { values: [...extensionValues(holder), value] });
}

export function removeExtension(services: Services, element: DiagramElement, value: ModdleElement): void {
  const holder = extensionHolder(element);
  const extensions = holder.get('extensionElements') as ModdleElement;
  services.modeling.updateModdleProperties(element, extensions, {
    values: extensionValues(holder).filter((other) => other !== value),
  });
}

/** Sets attributes of the single extension of this type; it is made when missing and removed when all attributes are empty. */
export function setExtension(
  services: Services,
  element: DiagramElement,
  type: string,
  properties: Record<string, unknown>,
): void {
  const existing = findExtension(element, type);
  if (existing === undefined) {
    if (Object.values(properties).some((value) => value !== undefined && value !== '')) {
      addExtension(services, element, type, properties);
    }
    return;
  }
  const remaining = { ...attributes(existing), ...properties };
  if (Object.values(remaining).every((value) => value === undefined || value === '' || value === false)) {
    removeExtension(services, element, existing);
    return;
  }
  services.modeling.updateModdleProperties(element, existing, properties);
}

function attributes(value: ModdleElement): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (!key.startsWith('$')) found[key] = value.get(key);
  }
  return found;
}

/** Adds a child to a list property of an extension element (an action, a contract field). */
export function addChild(
  services: Services,
  element: DiagramElement,
  parentType: string,
  property: string,
  childType: string,
  properties: object,
): void {
  const parent = findExtension(element, parentType);
  const child = services.bpmnFactory.create(childType, properties);
  if (parent === undefined) {
    addExtension(services, element, parentType, { [property]: [child] });
    const made = findExtension(element, parentType);
    if (made !== undefined) child.$parent = made;
    return;
  }
  child.$parent = parent;
  const children = (parent.get(property) as ModdleElement[] | undefined) ?? [];
  services.modeling.updateModdleProperties(element, parent, { [property]: [...children, child] });
}

export function removeChild(
  services: Services,
  element: DiagramElement,
  parentType: string,
  property: string,
  child: ModdleElement,
): void {
  const parent = findExtension(element, parentType);
  if (parent === undefined) return;
  const children = (parent.get(property) as ModdleElement[]).filter((other) => other !== child);
  services.modeling.updateModdleProperties(element, parent, { [property]: children });
}
