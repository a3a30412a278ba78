/** Property groups of a service task: who does it, and for HTTP calls and letters everything that they ask for. */
import { Group, ListGroup } from '@bpmn-io/properties-panel';

import type { Choice } from './catalog';
import { isMeaning, isStatus, literalOf, originOf, originsOf, readErrorCodes, secretChoices, urlProblem, withOrigin, writeErrorCodes } from './connections';
import type { ErrorRow } from './connections';
import { actionEntry, entry } from './entries';
import type { Entry, Field } from './entries';
import type { DiagramElement } from './extensions';
import type { Panel, PanelGroup } from './groups';
import { mailGroup } from './letters';
import { kindOf, readDefinition, readHeader, readInput, setKind, writeDefinition, writeHeader, writeInput } from './serviceTask';
import type { PanelText } from './texts';

type More = Omit<Field, 'id' | 'label' | 'read' | 'write'>;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
const MOST_SECONDS = 300;
const MOST_BYTES = 10_000_000;

export function serviceGroups(panel: Panel, element: DiagramElement): PanelGroup[] {
  const functions = panel.catalog.serviceTypes.map((choice) => choice.value);
  const kind = kindOf(element, functions);
  const groups = [workGroup(panel, kind, functions)];
  if (kind === 'http') groups.push(...httpGroups(panel, element));
  if (kind === 'email') groups.push(mailGroup(panel, element), limitsGroup(panel, kind));
  return groups;
}

function workGroup(panel: Panel, kind: string, functions: string[]): PanelGroup {
  const { say, services } = panel;
  const choices: Choice[] = [
    { value: 'http', label: say('workHttp') },
    { value: 'email', label: say('workMail') },
    { value: 'external', label: say('workExternal') },
    ...panel.catalog.serviceTypes.map((choice) => ({ value: choice.value, label: `${say('workFunction')} · ${choice.label}` })),
  ];
  const entries = [
    entry({
      id: 'lianban-work-kind',
      label: say('workKind'),
      description: say('workHelp'),
      none: say('workNone'),
      choices,
      read: (element) => kindOf(element, functions),
      write: (element, value) => {
        setKind(services, element, typeof value === 'string' ? value : '');
      },
    }),
  ];
  if (kind === 'http') entries.push(...tryEntries(panel, 'tryCall'));
  if (kind === 'email') entries.push(...tryEntries(panel, 'tryLetter'));
  return { id: 'lianban-work', label: say('work'), component: Group, shouldOpen: true, entries };
}

function tryEntries(panel: Panel, label: PanelText): Entry[] {
  return panel.tryOut === undefined ? [] : [actionEntry('lianban-try', { label: panel.say(label), run: panel.tryOut })];
}

/** A field over an input of the task. */
export function inputField(panel: Panel, target: string, label: PanelText, more: More = {}): Entry {
  return entry({
    id: `lianban-input-${target}`,
    label: panel.say(label),
    ...more,
    read: (element) => readInput(element, target),
    write: (element, value) => {
      writeInput(panel.services, element, target, typeof value === 'string' ? value : undefined);
    },
  });
}

function headerField(panel: Panel, key: string, label: PanelText, more: More = {}): Entry {
  return entry({
    id: `lianban-header-${key}`,
    label: panel.say(label),
    ...more,
    read: (element) => readHeader(element, key),
    write: (element, value) => {
      writeHeader(panel.services, element, key, typeof value === 'string' ? value : undefined);
    },
  });
}

function httpGroups(panel: Panel, element: DiagramElement): PanelGroup[] {
  const { say } = panel;
  const context: More = { feel: 'required', area: true, description: say('httpContextHelp') };
  const call: PanelGroup = {
    id: 'lianban-http',
    label: say('http'),
    component: Group,
    shouldOpen: true,
    entries: [
      inputField(panel, 'method', 'httpMethod', { choices: METHODS.map((value) => ({ value, label: value })), none: 'GET' }),
      hostEntry(panel),
      inputField(panel, 'url', 'httpUrl', { feel: 'optional', description: say('httpUrlHelp'), validate: (value) => urlProblem(panel, value) }),
      inputField(panel, 'pathParameters', 'httpPath', context),
      inputField(panel, 'queryParameters', 'httpQuery', context),
      inputField(panel, 'headers', 'httpHeaders', { ...context, description: say('httpHeadersHelp') }),
      inputField(panel, 'body', 'httpBody', { feel: 'optional', area: true, description: say('httpBodyHelp') }),
      ignoreNullEntry(panel),
      inputField(panel, 'idempotencyHeader', 'httpKey', { description: say('httpKeyHelp') }),
    ],
  };
  return [call, authGroup(panel, element), answerGroup(panel), errorsGroup(panel, element), limitsGroup(panel, 'http')];
}

function hostEntry(panel: Panel): Entry {
  const read = (element: DiagramElement): string => originOf(readInput(element, 'url') ?? '') ?? '';
  return entry({
    id: 'lianban-http-host',
    label: panel.say('httpHost'),
    choices: panel.catalog.connections === undefined ? [] : originsOf(panel.catalog.connections),
    read,
    write: (element, value) => {
      if (typeof value !== 'string' || value === read(element)) return;
      writeInput(panel.services, element, 'url', withOrigin(readInput(element, 'url') ?? '', value));
    },
  });
}

function ignoreNullEntry(panel: Panel): Entry {
  return entry({
    id: 'lianban-input-ignoreNullValues',
    label: panel.say('httpIgnoreNull'),
    checkbox: true,
    read: (element) => readInput(element, 'ignoreNullValues')?.replace(/\s/g, '') === '=true',
    write: (element, value) => {
      writeInput(panel.services, element, 'ignoreNullValues', value === true ? '=true' : undefined);
    },
  });
}

interface AuthField {
  name: string;
  label: PanelText;
  secret?: boolean;
  choices?: [string, PanelText | undefined][];
  help?: PanelText;
  /** Values of `clientAuthentication` that need the field; none: all. */
  ways?: string[];
}

const OAUTH = 'oauth-client-credentials-flow';
const TOKEN_ENDPOINT = 'authentication.oauthTokenEndpoint';

/** Fields of each kind of authentication besides `type`; secrets are chosen by name. */
const AUTHENTICATIONS: Record<string, AuthField[]> = {
  basic: [
    { name: 'username', label: 'authUser' },
    { name: 'password', label: 'authPassword', secret: true },
  ],
  bearer: [{ name: 'token', label: 'authToken', secret: true }],
  apiKey: [
    { name: 'apiKeyLocation', label: 'authPlace', choices: [['headers', 'authInHeaders'], ['query', 'authInQuery']] },
    { name: 'name', label: 'authName' },
    { name: 'value', label: 'authValue', secret: true },
  ],
  hmac: [
    { name: 'algorithm', label: 'authAlgorithm', choices: [['SM3', undefined], ['SHA256', undefined]] },
    { name: 'keyId', label: 'authKeyId' },
    { name: 'secret', label: 'authSecret', secret: true },
    { name: 'encoding', label: 'authEncoding', choices: [['hex', undefined], ['base64', undefined]] },
  ],
  [OAUTH]: [
    { name: 'oauthTokenEndpoint', label: 'authTokenEndpoint', help: 'authTokenEndpointHelp' },
    { name: 'clientId', label: 'authClientId' },
    {
      name: 'clientAuthentication',
      label: 'authWay',
      choices: [['basicAuthHeader', 'authWayBasic'], ['credentialsBody', 'authWayBody'], ['privateKeyJwt', 'authWayJwt'], ['tlsClientCertificate', 'authWayTls']],
    },
    { name: 'clientSecret', label: 'authClientSecret', secret: true, ways: ['', 'basicAuthHeader', 'credentialsBody'] },
    { name: 'privateKey', label: 'authPrivateKey', secret: true, ways: ['privateKeyJwt'] },
    {
      name: 'algorithm',
      label: 'authAlgorithm',
      choices: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'].map((value) => [value, undefined]),
      ways: ['privateKeyJwt'],
    },
    { name: 'keyId', label: 'authJwtKeyId', ways: ['privateKeyJwt'] },
    { name: 'assertionAudience', label: 'authAssertionAudience', help: 'authAssertionAudienceHelp', ways: ['privateKeyJwt'] },
    { name: 'scopes', label: 'authScopes', help: 'authScopesHelp' },
    { name: 'audience', label: 'authAudience', help: 'authAudienceHelp' },
  ],
};

function authGroup(panel: Panel, element: DiagramElement): PanelGroup {
  const { say } = panel;
  const certificates = [secretEntry(panel, element, 'clientCertificate', 'authClientCertificate'), secretEntry(panel, element, 'certificateAuthority', 'authAuthority')];
  const group = { id: 'lianban-http-auth', label: say('auth'), component: Group };
  if (readInput(element, 'authentication') !== undefined) {
    return { ...group, entries: [inputField(panel, 'authentication', 'authRaw', { feel: 'required', area: true }), ...certificates] };
  }
  const kind = literalOf(readInput(element, 'authentication.type') ?? '') ?? '';
  const choices: Choice[] = (['basic', 'bearer', 'apiKey', 'hmac'] as const).map((value) => ({
    value,
    label: say(`auth${value[0]?.toUpperCase() ?? ''}${value.slice(1)}` as PanelText),
  }));
  choices.push({ value: OAUTH, label: say('authOAuth') });
  const way = literalOf(readInput(element, 'authentication.clientAuthentication') ?? '') ?? '';
  const shown = (AUTHENTICATIONS[kind] ?? []).filter((field) => field.ways === undefined || field.ways.includes(way));
  const fields = shown.map((field) => {
    const target = `authentication.${field.name}`;
    if (field.secret === true) return secretEntry(panel, element, target, field.label, kind === OAUTH ? TOKEN_ENDPOINT : 'url');
    const more: More = field.help === undefined ? {} : { description: say(field.help) };
    if (target === TOKEN_ENDPOINT) return inputField(panel, target, field.label, { ...more, validate: (value) => urlProblem(panel, value) });
    const offered = field.choices?.map(([value, label]) => ({ value, label: label === undefined ? value : say(label) }));
    return inputField(panel, target, field.label, offered === undefined ? more : { ...more, choices: offered });
  });
  return { ...group, entries: [authKind(panel, choices), ...fields, ...certificates] };
}

function authKind(panel: Panel, choices: Choice[]): Entry {
  return inputField(panel, 'authentication.type', 'authKind', { choices, none: panel.say('authNone') });
}

/** `place`: the input that holds the address where the secret goes. */
function secretEntry(panel: Panel, element: DiagramElement, target: string, label: PanelText, place = 'url'): Entry {
  const url = readInput(element, place) ?? '';
  const choices = secretChoices(url, panel.catalog.connections, panel.say('authElsewhere'));
  const current = readInput(element, target);
  if (current !== undefined && !choices.some((choice) => choice.value === current)) {
    const named = /^(?:secret:|secrets\.)([A-Z][A-Z0-9_]*)$|^\{\{\s*secrets\.([A-Z][A-Z0-9_]*)\s*\}\}$/.exec(current);
    choices.push({ value: current, label: named?.[1] ?? named?.[2] ?? panel.say('authByHand') });
  }
  return inputField(panel, target, label, { choices, description: panel.say('authHelp') });
}

function answerGroup(panel: Panel): PanelGroup {
  const { say } = panel;
  return {
    id: 'lianban-http-answer',
    label: say('answer'),
    component: Group,
    entries: [
      headerField(panel, 'resultVariable', 'answerVariable', { description: say('answerVariableHelp') }),
      headerField(panel, 'resultExpression', 'answerExpression', { feel: 'required', area: true, description: say('answerExpressionHelp') }),
      headerField(panel, 'errorExpression', 'answerError', { feel: 'required', area: true, description: say('answerErrorHelp') }),
    ],
  };
}

function errorsGroup(panel: Panel, element: DiagramElement): PanelGroup {
  const rows = readErrorCodes(readHeader(element, 'errorCodes') ?? '');
  const keep = (next: ErrorRow[]): void => {
    writeHeader(panel.services, element, 'errorCodes', writeErrorCodes(next));
  };
  const field = (index: number, name: keyof ErrorRow, label: PanelText, wrong: PanelText, isGood: (text: string) => boolean): Entry =>
    entry({
      id: `lianban-http-errors-${String(index)}-${name}`,
      label: panel.say(label),
      ...(name === 'meaning' ? { description: panel.say('errorMeaningHelp') } : {}),
      validate: (value) => (isGood(value) ? undefined : panel.say(wrong)),
      read: (at) => readErrorCodes(readHeader(at, 'errorCodes') ?? '')[index]?.[name],
      write: (at, value) => {
        const now = readErrorCodes(readHeader(at, 'errorCodes') ?? '');
        const clean = (typeof value === 'string' ? value : '').replace(/[,;=\s]/g, '');
        writeHeader(panel.services, at, 'errorCodes', writeErrorCodes(now.map((row, at_) => (at_ === index ? { ...row, [name]: clean } : row))));
      },
    });
  return {
    id: 'lianban-http-errors',
    label: panel.say('errors'),
    component: ListGroup,
    add: (event) => {
      event.stopPropagation();
      keep([...rows, { status: '404', meaning: 'NotFound' }]);
    },
    items: rows.map((row, index) => ({
      id: `lianban-http-errors-${String(index)}`,
      label: `${row.status} → ${row.meaning}`,
      entries: [
        field(index, 'status', 'errorStatus', 'errorStatusWrong', isStatus),
        field(index, 'meaning', 'errorMeaning', 'errorMeaningWrong', isMeaning),
      ],
      remove: (event: { stopPropagation(): void }) => {
        event.stopPropagation();
        keep(rows.filter((_, at) => at !== index));
      },
    })),
  };
}

function limitsGroup(panel: Panel, kind: string): PanelGroup {
  const { say, services } = panel;
  const bounded = (most: number): More => ({
    feel: 'optional',
    validate: (value) => (isBounded(value, most) ? undefined : say('limitNumber').replace('{0}', String(most))),
  });
  const retries = entry({
    id: 'lianban-retries',
    label: say('limitRetries'),
    description: say('limitRetriesHelp'),
    validate: (value) => (/^(=.*|\d*)$/s.test(value) ? undefined : say('limitWhole')),
    read: (element) => readDefinition(element, 'retries'),
    write: (element, value) => {
      writeDefinition(services, element, 'retries', typeof value === 'string' ? value : undefined);
    },
  });
  const backoff = headerField(panel, 'retryBackoff', 'limitBackoff', {
    validate: (value) => (value === '' || /^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$/.test(value) ? undefined : say('limitDuration')),
  });
  const times = [
    inputField(panel, 'connectionTimeoutInSeconds', 'limitConnect', bounded(MOST_SECONDS)),
    inputField(panel, 'readTimeoutInSeconds', 'limitRead', bounded(MOST_SECONDS)),
    inputField(panel, 'totalTimeoutInSeconds', 'limitTotal', bounded(MOST_SECONDS)),
    inputField(panel, 'maxResponseBytes', 'limitBytes', bounded(MOST_BYTES)),
  ];
  return { id: 'lianban-limits', label: say('limits'), component: Group, entries: [retries, backoff, ...(kind === 'http' ? times : [])] };
}

function isBounded(value: string, most: number): boolean {
  if (value === '' || (value.startsWith('=') && !/^=\s*-?[\d.]+\s*$/.test(value))) return true;
  const number = Number(value.replace(/^=/, ''));
  return number > 0 && number <= most;
}
