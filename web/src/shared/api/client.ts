import type { components } from '../../api/schema';

/** One thing wrong with one part of a request; `pointer` is a JSON pointer into its body (`/data/movers/0/idNo`). */
export interface ProblemError {
  pointer: string;
  code: string;
  message: string;
  messageEn: string;
}

/** A problem document (RFC 9457) in both languages, or the same shape for what never reached the server. */
export interface ProblemDocument {
  status: number;
  code: string;
  title: string;
  titleEn: string;
  detail?: string;
  detailEn?: string;
  next?: string;
  nextEn?: string;
  pointer?: string;
  errors?: ProblemError[];
  findings?: unknown[];
  requestId?: string;
}

export class Problem extends Error {
  constructor(readonly document: ProblemDocument) {
    super(document.title);
    this.name = 'Problem';
  }

  get status(): number {
    return this.document.status;
  }

  get code(): string {
    return this.document.code;
  }
}

export interface Reply<T> {
  data: T;
  etag: string | null;
}

export interface CallOptions {
  /** Values of the query; null, undefined and '' are left out. */
  query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  /** One key per action of the person: repeat it when the same action is tried again. */
  idempotencyKey?: string;
  ifMatch?: string;
  signal?: AbortSignal;
  /** A POST that only reads: it needs no key. */
  reads?: boolean;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type Again = () => Promise<boolean>;

const BASE = '/api/v1';
/** A log-in, a fresh proof and a higher level may each be asked for once. */
const MOST_PROOFS = 3;
let csrfToken = '';
let loginAgain: Again | undefined;
let proveMore: ((problem: Problem) => Promise<boolean>) | undefined;
let proveAgain: Again | undefined;

/** Called with every answer of `/session`. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** What to do when a session has ended: resolves to true once the person has logged in again. */
export function onLoggedOut(again: Again | undefined): void {
  loginAgain = again;
}

/** What to do when an act asks for a higher level of assurance: resolves to true once the person has proved it. */
export function onLevelTooLow(prove: ((problem: Problem) => Promise<boolean>) | undefined): void {
  proveMore = prove;
}

/** What to do when the server asks to prove again who one is: resolves to true once that was done. */
export function onStepUp(again: Again | undefined): void {
  proveAgain = again;
}

/** A new key for one action of the person. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function address(path: string, query: CallOptions['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `${BASE}${path}${text ? `?${text}` : ''}`;
}

function isProblem(value: unknown): value is ProblemDocument {
  return typeof value === 'object' && value !== null && 'title' in value && 'status' in value;
}

function localProblem(status: number, zh: string, en: string, next: string, nextEn: string, code: string): Problem {
  return new Problem({ status, code, title: zh, titleEn: en, next, nextEn });
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body: unknown = await response.json();
    if (isProblem(body)) return new Problem(body);
  } catch {
    // Not JSON: a proxy's page or a cut connection; told below.
  }
  return localProblem(
    response.status,
    `服务器的答复无法识别（${String(response.status)}）`,
    `The answer of the server cannot be read (${String(response.status)})`,
    '请稍后重试；仍不成功时请联系管理员。',
    'Try again later; if it still fails, tell the administrator.',
    'unreadable-answer',
  );
}

async function send(method: Method, path: string, body: unknown, options: CallOptions): Promise<Response> {
  // The page, not the browser, says in which language it shows texts: where it wants English it asks for it in the address.
  const headers = new Headers({ Accept: 'application/json', 'Accept-Language': 'zh-CN' });
  if (method !== 'GET') headers.set('X-CSRF-Token', csrfToken);
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey);
  if (options.ifMatch) headers.set('If-Match', options.ifMatch);
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (options.signal) init.signal = options.signal;
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    headers.set('Content-Type', 'application/json');
    init.body = JSON.stringify(body);
  }
  try {
    return await fetch(address(path, options.query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw localProblem(0, '无法连接服务器', 'The server cannot be reached', '请检查网络后重试。', 'Check the network and try again.', 'network');
  }
}

/** Whether the person did what the server wants first: log in, prove again who one is, prove it more strongly. */
async function isCleared(problem: Problem, path: string): Promise<boolean> {
  if (problem.status === 401) return path !== '/session' && loginAgain !== undefined && loginAgain();
  if (problem.code === 'level-too-low') return proveMore !== undefined && proveMore(problem);
  return problem.code === 'step-up-required' && proveAgain !== undefined && proveAgain();
}

/** Sends a request, and the same once more for everything that the server wanted first and the person did. */
async function sendUntilLet(method: Method, path: string, body: unknown, options: CallOptions): Promise<Response> {
  for (let turn = 0; ; turn += 1) {
    const response = await send(method, path, body, options);
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (turn >= MOST_PROOFS || !(await isCleared(problem, path))) throw problem;
  }
}

async function call<T>(method: Method, path: string, body: unknown, given: CallOptions = {}): Promise<Reply<T>> {
  const options = method === 'POST' && !given.idempotencyKey && !given.reads ? { ...given, idempotencyKey: newIdempotencyKey() } : given;
  const response = await sendUntilLet(method, path, body, options);
  const type = response.headers.get('Content-Type') ?? '';
  const data: unknown =
    response.status === 204
      ? undefined
      : type.includes('json')
        ? await response.json()
        : type.includes('zip') ? await response.blob() : await response.text();
  return { data: data as T, etag: response.headers.get('ETag') };
}

/** The HTTP API. Failures are `Problem`s, with texts in both languages. */
export const api = {
  get: async <T>(path: string, options?: CallOptions): Promise<T> => (await call<T>('GET', path, undefined, options)).data,
  getWithEtag: <T>(path: string, options?: CallOptions): Promise<Reply<T>> => call<T>('GET', path, undefined, options),
  post: async <T>(path: string, body?: unknown, options?: CallOptions): Promise<T> => (await call<T>('POST', path, body, options)).data,
  put: <T>(path: string, body: unknown, options?: CallOptions): Promise<Reply<T>> => call<T>('PUT', path, body, options),
  delete: async <T = undefined>(path: string, body?: unknown, options?: CallOptions): Promise<T> =>
    (await call<T>('DELETE', path, body, options)).data,
};

/** Asks for a file (with a POST where there is a body: it is recorded) and hands it to the browser's downloads. */
export async function downloadFile(path: string, body: unknown, name: string): Promise<void> {
  const response = await sendUntilLet(body === undefined ? 'GET' : 'POST', path, body, {});
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What the server kept of an uploaded file. */
export type StoredFile = Pick<components['schemas']['StoredFile'], 'id' | 'name' | 'size' | 'sha256'>;

/** Uploads one file; the answer is the value a file field of a form keeps. */
export async function uploadFile(file: File): Promise<StoredFile> {
  const body = new FormData();
  body.append('file', file);
  const { id, name, size, sha256 } = await api.post<StoredFile>('/files', body);
  return { id, name, size, sha256 };
}
