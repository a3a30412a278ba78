/** Connections that an administrator keeps, as the panel offers them, and what can be told of an address and of error codes. */
import type { Catalog, Choice } from './catalog';
import type { PanelText } from './texts';

export interface OfferedHost {
  host: string;
  port: number;
  isPlain: boolean;
  siteName: string;
  secrets: string[];
}
/** undefined: this person may not see them, so nothing is judged by them. */
export interface Connections {
  hosts: OfferedHost[];
  secrets: { name: string; note: string; siteName: string }[];
}

const ORIGIN = /^(https?):\/\/([^/?#]*)/i;

/** `https://host:port` of an address that is written out: as text or as one FEEL text; undefined for other expressions. */
export function originOf(url: string): string | undefined {
  const written = literalOf(url);
  const found = written === undefined ? null : ORIGIN.exec(written);
  if (found === null || found[2] === undefined || found[2] === '' || found[2].includes('{')) return undefined;
  return `${(found[1] ?? '').toLowerCase()}://${found[2].toLowerCase()}`;
}

/** A text that is written out, plain or as a FEEL text. */
export function literalOf(source: string): string | undefined {
  if (!source.startsWith('=')) return source.trim();
  return /^=\s*"([^"\\]*)"\s*$/.exec(source)?.[1]?.trim();
}

/** The address with another host. */
export function withOrigin(url: string, origin: string): string {
  const written = literalOf(url) ?? '';
  const rest = written.replace(ORIGIN, '');
  return `${origin}${rest.startsWith('/') ? rest : `/${rest}`}`;
}

export function originsOf(connections: Connections): Choice[] {
  return connections.hosts.map((row) => {
    const scheme = row.isPlain ? 'http' : 'https';
    const isUsual = row.port === (row.isPlain ? 80 : 443);
    const name = row.host.includes(':') ? `[${row.host}]` : row.host;
    const origin = `${scheme}://${name}${isUsual ? '' : `:${String(row.port)}`}`;
    return { value: origin, label: `${origin} · ${row.siteName}` };
  });
}

/** Whether the host may be called at all; undefined when that cannot be told. */
export function isListed(url: string, connections: Connections | undefined): boolean | undefined {
  const origin = originOf(url);
  if (origin === undefined || connections === undefined) return undefined;
  const [scheme = '', place = ''] = origin.split('://');
  const found = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(place);
  const host = (found?.[1] ?? '').replace(/^\[|\]$/g, '');
  const port = Number(found?.[2] ?? (scheme === 'http' ? 80 : 443));
  return connections.hosts.some((row) => row.host === host && row.port === port && (scheme === 'https' || row.isPlain));
}

/** Names of secrets as references; those that the address's host may get come first. */
export function secretChoices(url: string, connections: Connections | undefined, elsewhere: string): Choice[] {
  if (connections === undefined) return [];
  const origin = originOf(url);
  const usable = new Set(connections.hosts.filter((row) => origin === undefined || origin.includes(`://${row.host}`)).flatMap((row) => row.secrets));
  const names = [...new Set(connections.secrets.map((row) => row.name))];
  return names
    .sort((a, b) => Number(usable.has(b)) - Number(usable.has(a)) || a.localeCompare(b))
    .map((name) => ({ value: `secret:${name}`, label: usable.has(name) ? name : `${name} · ${elsewhere}` }));
}

export interface ErrorRow {
  status: string;
  meaning: string;
}

/** `404=PersonNotFound, 5xx=retry` as rows. */
export function readErrorCodes(text: string): ErrorRow[] {
  return text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? { status: part, meaning: '' } : { status: part.slice(0, at).trim(), meaning: part.slice(at + 1).trim() };
    });
}

export function writeErrorCodes(rows: ErrorRow[]): string {
  return rows.map((row) => `${row.status}=${row.meaning}`).join(', ');
}

export function isStatus(text: string): boolean {
  return /^[1-5](\d\d|xx)$/.test(text);
}

export function isMeaning(text: string): boolean {
  return /^(retry|incident|[A-Za-z][A-Za-z0-9_.-]{0,59})$/.test(text);
}

/** What is wrong with an address, in words. */
export function urlProblem(panel: { say: (key: PanelText) => string; catalog: Catalog }, url: string): string | undefined {
  if (url.trim() === '') return panel.say('httpUrlMissing');
  const written = literalOf(url);
  if (written !== undefined && !/^https?:\/\/[^/]/i.test(written)) return panel.say('httpUrlWrong');
  return isListed(url, panel.catalog.connections) === false ? panel.say('httpNotListed') : undefined;
}

/** The body with a field at its end; a plain text becomes an expression. */
export function withField(body: string, field: string): string {
  if (body.trim() === '') return `=${field}`;
  const source = body.startsWith('=') ? body.slice(1).trim() : JSON.stringify(body);
  return `=${source} + ${field}`;
}
