/** Shapes of the admin part of the HTTP API (docs/contract/api.md). */
import type { Due, LadderMark } from '../case/types';

export interface Overview {
  open: number;
  stuck: number;
  incidents: number;
  overdue: number;
  dueToday: number;
  messagesPending: number;
  timersPending: number;
}
export const STUCK_REASONS = ['overdue', 'incident', 'message', 'supplement', 'suspended', 'external', 'unclaimed'] as const;
export type StuckReason = (typeof STUCK_REASONS)[number];

export interface StuckRow {
  caseNo: string;
  itemName: string;
  subject: string | null;
  waitsFor: { siteName: string; what: string; role: string | null; roleName: string | null; person: string | null };
  since: string;
  sinceWorkdays: number;
  reason: StuckReason;
  reasonText: string;
  reasonTextEn: string;
  dueAt: string | null;
  due?: Due;
  ladder: LadderMark | null;
  suggestion: string;
  suggestionEn: string;
  incidentId?: number | null;
}
export interface IncidentRow {
  id: number;
  caseNo: string;
  legId: number;
  /** The reader administers the leg's site and may correct its variables. */
  mayCorrect: boolean;
  siteName: string;
  elementId: string;
  elementName: string;
  code: string;
  message: string;
  attempts: number;
  openedAt: string;
  resolvedAt: string | null;
  nextAction: string;
  nextActionEn: string;
}
/** A variable of a leg; texts are masked, named ones are read by the failing expression. */
export interface LegVariable {
  name: string;
  type: 'string' | 'number' | 'boolean' | 'null' | 'list' | 'object' | 'missing';
  masked: unknown;
  named: boolean;
}
export interface LegVariables {
  legId: number;
  version: number;
  variables: LegVariable[];
}
export interface Corrected {
  legId: number;
  version: number;
  incidents: { id: number; elementId: string; code: string; message: string }[];
}
export interface WorkRow {
  id: number;
  kind: string;
  kindName: string;
  kindNameEn: string;
  queue: string;
  ref: string;
  caseNo?: string | null;
  dueAt: string;
  state: string;
  attempts: number;
  lastError: string | null;
  mayRetry: boolean;
  mayCancel: boolean;
}
/** Failed work of one kind with one error. */
export interface FailedWork {
  kind: string;
  kindName: string;
  kindNameEn: string;
  code: string;
  count: number;
  since: string;
}
export interface MessageRow {
  id: number;
  name: string;
  direction: string;
  from: string;
  to: string;
  collabNo: string;
  caseNo?: string | null;
  state: string;
  at: string;
  attempts?: number;
  lastError: string | null;
}
export interface SiteRow {
  id: number;
  code: string;
  name: string;
  regionCode: string;
  regionName: string;
  sector: string;
  phone: string;
  isLocal: boolean;
  userCount?: number;
}
export interface UserRow {
  id: number;
  name: string;
  login: string;
  roles: { role: string; roleName: string; siteName: string }[];
  isActive: boolean;
}
export interface ShortcomingRow {
  code: string;
  fact: string;
  factEn: string;
  next: string;
  nextEn: string;
}
export interface NodeRow {
  id: string;
  name: string;
  role: 'web' | 'scheduler' | 'worker';
  version: string;
  queues: string[];
  state: 'up' | 'draining' | 'silent';
  startedAt: string;
  heartbeatAt: string;
  silentSeconds: number;
  busy: number;
  capacity: number;
  skewMs: number;
  skewed: boolean;
}
export interface ClockState {
  training: boolean;
  now: string;
  offsetSeconds: number;
}
export interface Happening {
  at: string;
  title: string;
  titleEn: string;
  caseNo: string | null;
}
export interface AuditAnswer {
  items?: unknown[];
  events?: unknown[];
  count?: number;
  verified: boolean;
  brokenAt: number | null;
}
export const JOB_STATES = ['waiting', 'locked', 'retrying', 'failed', 'done', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A service task that another system does, or that the platform calls for (`isCall`). */
export interface JobRow {
  id: string;
  caseNo: string;
  siteName: string;
  topic: string;
  isCall: boolean;
  elementId: string;
  elementName: string;
  state: JobState;
  createdAt: string;
  availableAt: string;
  closedAt: string | null;
  clientName: string | null;
  workerId: string | null;
  lockExpiresAt: string | null;
  attempts: number;
  retriesLeft: number;
  errorCode: string | null;
  error: string;
  lastAskedAt: string | null;
}
export interface ClientRow {
  id: number;
  name: string;
  organisation: string;
  siteId: number | null;
  siteName: string | null;
  scopes: string[];
  topics: string[];
  items: string[] | null;
  itemNames: string[];
  tokenHint: string;
  state: 'active' | 'expired' | 'revoked';
  expiresAt: string | null;
  createdAt: string;
  rotatedAt: string | null;
  previousUntil: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}
