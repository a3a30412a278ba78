import { BpmnModdle } from 'bpmn-moddle';
import { beforeEach, describe, expect, it } from 'vitest';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';

import lianban from '../src/bpmn/moddle/lianban.json';
import { type Connections, isListed, originOf, originsOf, readErrorCodes, secretChoices, urlProblem, withField, withOrigin, writeErrorCodes } from '../src/bpmn/provider/connections';
import type { DiagramElement, ModdleElement, Services } from '../src/bpmn/provider/extensions';
import { newServiceTask } from '../src/bpmn/provider/palette';
import { drawnTask, kindOf, readHeader, readInput, setKind, writeDefinition, writeHeader, writeInput } from '../src/bpmn/provider/serviceTask';
import { emptyCatalog } from '../src/bpmn/provider/catalog';
import { panelText } from '../src/bpmn/provider/texts';

type Factory = { create(type: string, properties?: object): ModdleElement };

const moddle = new BpmnModdle({ zeebe, lianban });
const HEAD = 'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"';

interface Editing {
  element: DiagramElement;
  services: Services;
  undo: () => void;
  redo: () => void;
  steps: () => number;
}

/** As the modeler does it: each change of properties is one step, undone by putting the old values back. */
function editing(businessObject: ModdleElement): Editing {
  const stack: { holder: ModdleElement; before: Record<string, unknown>; after: Record<string, unknown> }[] = [];
  let at = 0;
  const put = (holder: ModdleElement, values: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(values)) (holder as unknown as { set(name: string, value: unknown): void }).set(name, value);
  };
  const modeling: Services['modeling'] = {
    updateModdleProperties: (_, holder, properties) => {
      const after = properties as Record<string, unknown>;
      stack.splice(at, Infinity, { holder, before: Object.fromEntries(Object.keys(after).map((name) => [name, holder.get(name)])), after });
      at += 1;
      put(holder, after);
    },
  };
  const undo = (): void => {
    at -= 1;
    const step = stack[at];
    if (step !== undefined) put(step.holder, step.before);
  };
  const redo = (): void => {
    const step = stack[at];
    at += 1;
    if (step !== undefined) put(step.holder, step.after);
  };
  const element = { id: String(businessObject.get('id')), type: 'bpmn:ServiceTask', businessObject };
  return { element, services: { bpmnFactory: moddle as unknown as Factory, modeling }, undo, redo, steps: () => at };
}

async function read(extensions: string): Promise<ModdleElement> {
  const held = extensions === '' ? '' : `<bpmn:extensionElements>${extensions}</bpmn:extensionElements>`;
  const { rootElement, warnings } = await moddle.fromXML(`<bpmn:serviceTask ${HEAD} id="ask" name="核验">${held}</bpmn:serviceTask>`, 'bpmn:ServiceTask');
  expect(warnings).toEqual([]);
  return rootElement as ModdleElement;
}

async function again(element: DiagramElement): Promise<DiagramElement> {
  const { xml } = await moddle.toXML(element.businessObject);
  const { rootElement } = await moddle.fromXML(xml, 'bpmn:ServiceTask');
  return { ...element, businessObject: rootElement as ModdleElement };
}

const WRITTEN = `<zeebe:taskDefinition type="http" retries="3"/>
  <zeebe:ioMapping><zeebe:input source="https://api.example.cn/persons/{id}" target="url"/><zeebe:input source="=1" target="byHand"/>
  <zeebe:input source="secret:PERSON_TOKEN" target="authentication.token"/><zeebe:output source="=answer" target="answer"/></zeebe:ioMapping>
  <zeebe:taskHeaders><zeebe:header key="errorCodes" value="404=PersonNotFound"/><zeebe:header key="byHand" value="x"/></zeebe:taskHeaders>`;

describe('a service task', () => {
  let work: ReturnType<typeof editing>;
  beforeEach(async () => {
    work = editing(await read(''));
  });

  it('writes what the server reads, and reads it back from XML', async () => {
    const { element, services } = work;
    setKind(services, element, 'http');
    writeDefinition(services, element, 'retries', '5');
    writeInput(services, element, 'url', 'https://api.example.cn/a');
    writeInput(services, element, 'body', '={"name": "a < b"}');
    writeInput(services, element, 'authentication.type', 'bearer');
    writeHeader(services, element, 'resultExpression', '={level: response.body.level}');
    expect(drawnTask(await again(element))).toEqual({
      type: 'http', elementId: 'ask', name: '核验', outputs: [], retries: '5',
      inputs: [
        { target: 'url', source: 'https://api.example.cn/a' },
        { target: 'body', source: '={"name": "a < b"}' },
        { target: 'authentication.type', source: 'bearer' },
      ],
      headers: { resultExpression: '={level: response.body.level}' },
    });
  });

  it('undoes and redoes every change in one step', () => {
    const { element, services, undo, redo, steps } = work;
    setKind(services, element, 'http');
    writeInput(services, element, 'url', 'a');
    writeInput(services, element, 'url', 'b');
    writeInput(services, element, 'method', 'POST');
    expect(steps()).toBe(4);
    undo();
    expect([readInput(element, 'method'), readInput(element, 'url')]).toEqual([undefined, 'b']);
    undo();
    undo();
    expect([readInput(element, 'url'), kindOf(element, [])]).toEqual([undefined, 'http']);
    undo();
    expect(kindOf(element, [])).toBe('');
    for (let n = 0; n < 4; n += 1) redo();
    expect(drawnTask(element).inputs).toEqual([{ target: 'url', source: 'b' }, { target: 'method', source: 'POST' }]);
  });

  it('takes away what is emptied, and the holder of the last row with it', async () => {
    const { element, services } = work;
    setKind(services, element, 'email');
    writeInput(services, element, 'to', 'applicant');
    writeHeader(services, element, 'retryBackoff', 'PT1M');
    writeInput(services, element, 'to', undefined);
    writeHeader(services, element, 'retryBackoff', '');
    writeInput(services, element, 'nothing', undefined);
    const { xml } = await moddle.toXML(element.businessObject);
    expect(xml).not.toContain('ioMapping');
    expect(xml).not.toContain('taskHeaders');
    expect(xml).toContain('type="email"');
  });

  it('comes from the palette as what it is', () => {
    expect(kindOf(editing(newServiceTask(moddle as unknown as Factory, 'email', '发送邮件')).element, [])).toBe('email');
  });
});

describe('a task that was written by hand', () => {
  it('keeps what the panel does not know, and outputs, whatever is changed', async () => {
    const { element, services } = editing(await read(WRITTEN));
    expect([readInput(element, 'url'), readHeader(element, 'errorCodes')]).toEqual(['https://api.example.cn/persons/{id}', '404=PersonNotFound']);
    writeInput(services, element, 'url', undefined);
    writeHeader(services, element, 'errorCodes', undefined);
    const { inputs, outputs, headers } = drawnTask(await again(element));
    expect(inputs.map((row) => row.target)).toEqual(['byHand', 'authentication.token']);
    expect(outputs).toEqual([{ target: 'answer', source: '=answer' }]);
    expect(headers).toEqual({ byHand: 'x' });
  });

  it('loses only what the kind of work before alone understood; one undo brings it back', async () => {
    const { element, services, undo } = editing(await read(WRITTEN));
    const before = (await moddle.toXML(element.businessObject)).xml;
    setKind(services, element, 'email');
    expect(drawnTask(await again(element))).toMatchObject({
      type: 'email', retries: '3', inputs: [{ target: 'byHand' }], outputs: [{ target: 'answer' }], headers: { byHand: 'x' },
    });
    undo();
    expect((await moddle.toXML(element.businessObject)).xml).toBe(before);
  });

  it('is told by its type', async () => {
    const kinds = async (type: string): Promise<string> => kindOf(editing(await read(`<zeebe:taskDefinition type="${type}"/>`)).element, ['notify']);
    expect(await Promise.all(['io.camunda:http-json:1', 'email', 'notify', 'tax.check'].map(kinds))).toEqual(['http', 'email', 'notify', 'external']);
    const { element, services } = editing(await read('<zeebe:taskDefinition type="notify"/>'));
    setKind(services, element, 'external');
    expect(drawnTask(element).type).toBe('ask');
  });
});

describe('connections', () => {
  const connections: Connections = {
    hosts: [
      { host: 'api.example.cn', port: 443, isPlain: false, siteName: '全平台', secrets: ['PERSON_TOKEN'] },
      { host: '10.0.0.8', port: 8080, isPlain: true, siteName: '砚山', secrets: [] },
    ],
    secrets: [
      { name: 'A_KEY', note: '', siteName: '全平台' },
      { name: 'PERSON_TOKEN', note: '', siteName: '全平台' },
    ],
  };
  const panel = { say: panelText('zh'), catalog: { ...emptyCatalog, connections } };

  it('tells hosts that may be called from others', () => {
    const told = (url: string): boolean | undefined => isListed(url, connections);
    expect(['https://api.example.cn/a?b', 'https://API.example.cn:443', 'http://10.0.0.8:8080/', '="https://api.example.cn/x"'].map(told)).toEqual([true, true, true, true]);
    expect(['http://api.example.cn/', 'https://api.example.cn:8443/', 'https://elsewhere.example/'].map(told)).toEqual([false, false, false]);
    expect(['=base + "/x"', 'https://{host}/', 'text'].map(told)).toEqual([undefined, undefined, undefined]);
    expect(isListed('https://elsewhere.example/', undefined)).toBeUndefined();
    expect(urlProblem(panel, 'https://elsewhere.example/')).toContain('不在白名单中');
    expect(urlProblem(panel, 'ftp://api.example.cn')).toContain('https://');
    expect(urlProblem(panel, '')).toBe('请填写地址。');
    expect(urlProblem(panel, 'https://api.example.cn/a')).toBeUndefined();
  });

  it('changes the host and keeps the path', () => {
    expect(originsOf(connections).map((choice) => choice.value)).toEqual(['https://api.example.cn', 'http://10.0.0.8:8080']);
    expect(withOrigin('https://elsewhere.example/a/{id}?x=1', 'http://10.0.0.8:8080')).toBe('http://10.0.0.8:8080/a/{id}?x=1');
    expect(withOrigin('', 'https://api.example.cn')).toBe('https://api.example.cn/');
    expect(originOf('https://API.example.cn/a')).toBe('https://api.example.cn');
  });

  it('offers secrets by name, those of the host first', () => {
    expect(secretChoices('https://api.example.cn/', connections, '未列入该主机')).toEqual([
      { value: 'secret:PERSON_TOKEN', label: 'PERSON_TOKEN' },
      { value: 'secret:A_KEY', label: 'A_KEY · 未列入该主机' },
    ]);
    expect(secretChoices('', undefined, '')).toEqual([]);
  });

  it('reads error codes as rows and writes them back', () => {
    const text = '404=PersonNotFound, 5xx=retry';
    expect(readErrorCodes(text)).toEqual([{ status: '404', meaning: 'PersonNotFound' }, { status: '5xx', meaning: 'retry' }]);
    expect(writeErrorCodes(readErrorCodes(`404=PersonNotFound;\n5xx = retry`))).toBe(text);
    expect(readErrorCodes('nonsense')).toEqual([{ status: 'nonsense', meaning: '' }]);
  });

  it('puts a field behind the text of a letter', () => {
    expect(withField('', 'site.name')).toBe('=site.name');
    expect(withField('您好"\n', 'site.name')).toBe('="您好\\"\\n" + site.name');
    expect(withField('="a"', 'site.name')).toBe('="a" + site.name');
  });
});
