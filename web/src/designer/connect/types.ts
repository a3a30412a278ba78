/** Shapes of trying a connection (docs/connectors.md). */
import type { Finding } from '../types';

export interface HeaderLine {
  name: string;
  value: string;
}
export interface ShownRequest {
  method: string;
  url: string;
  headers: HeaderLine[];
  body: string;
  idempotencyHeader: string;
  totalSeconds: number;
}
export interface Recipient {
  to: string;
  kind: 'applicant' | 'role' | 'address';
  people: number | null;
  reachable: number | null;
}
export interface ShownLetter {
  recipients: Recipient[];
  subject: string;
  body: string;
  own: string;
}
export interface Preview {
  request: ShownRequest | null;
  letter: ShownLetter | null;
  findings: Finding[];
  sendable: boolean;
}
export interface Tried {
  kind: 'done' | 'rejected' | 'failed' | 'sent';
  code: string;
  message: string;
  retry: boolean;
  status: number | null;
  milliseconds: number | null;
  receivedBytes: number | null;
  headers: HeaderLine[];
  body: string;
  isCut: boolean;
  variables: Record<string, unknown>;
  sentTo: string;
}
export interface Offered {
  sites: { id: number; name: string }[];
}
