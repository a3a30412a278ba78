/** What an applicant gets from the API: drafts, own cases, anonymous progress, notifications. */

import type { CertificateRow, DocumentRow, Flag, MaterialRow } from './types';

export interface ApplicationDraft {
  data: Record<string, unknown>;
  materials: { code: string; fileId: string; fileName?: string; size?: number }[];
  revision: number;
  /** Null: nothing was kept yet. */
  updatedAt: string | null;
  expiresAt: string | null;
}

export interface MyCaseRow {
  caseNo: string;
  itemCode?: string;
  itemName: string;
  subject: string;
  status: string;
  statusName: string;
  plainText: string;
  plainTextEn: string | null;
  submittedAt: string;
  promiseDueAt: string | null;
  stopped: boolean;
  stopReasonNames: string[];
  stopReasonNamesEn: string[];
  openTaskCount: number;
  closedAt: string | null;
  resultName: string | null;
  rated: boolean;
}

export interface PromiseChange {
  at: string;
  action: string;
  actionName?: string;
  reasonName: string | null;
  reasonNameEn: string | null;
  note: string;
  legalGround: string;
  documentId: number | null;
  /** The authority or the applicant; empty: the platform. */
  by: string;
  dueBefore: string | null;
  dueAfter: string | null;
}

export interface PromiseWaiting {
  reasons: string[];
  reasonNames: string[];
  reasonNamesEn: string[];
  note: string;
  applicantDoes: string;
  legalGround: string;
  documentId: number | null;
  expectedAt: string | null;
}

export interface MyCase extends MyCaseRow {
  collabNo: string;
  queryCode: string;
  /** 收件 and 受理; with 收件即受理 both at once. */
  receivedAt: string | null;
  acceptedAt: string | null;
  flags: Flag[];
  promise: { dueAt: string | null; daysLeft: number | null; state: 'running' | 'stopped' | 'done' | 'overdue'; source?: string; totalDays: number; usedDays: number; pausedDays: number; waiting: PromiseWaiting | null; provisional?: boolean; history: PromiseChange[] } | null;
  steps: { key: string; title: string; siteName: string; state: 'done' | 'current' | 'todo'; at: string | null }[];
  events: { at: string; siteName: string; title: string; titleEn?: string | null; text: string | null }[];
  tasks: { id: string; name: string; formId: string | null; dueAt: string | null }[];
  documents: DocumentRow[];
  application: Record<string, unknown>;
  applyFormId: string | null;
  materials: MaterialRow[];
  certificates: CertificateRow[];
  mayWithdraw: boolean;
  withdrawNote: string;
  mayUrge: boolean;
  urgeNote: string;
  mayRate: boolean;
  rateSites: { siteCode: string; siteName: string }[];
}

export const RATING_LEVELS = ['VERY_SATISFIED', 'SATISFIED', 'BASICALLY_SATISFIED', 'DISSATISFIED', 'VERY_DISSATISFIED'] as const;
export type RatingLevel = (typeof RATING_LEVELS)[number];

export interface AnonymousProgress {
  caseNo: string;
  itemName: string;
  statusName: string;
  plainText: string;
  plainTextEn?: string | null;
  promiseDueAt: string | null;
  stopped: boolean;
  stopReasonNames: string[];
  stopReasonNamesEn: string[];
}

export interface NotificationRow {
  id: number;
  title: string;
  text?: string;
  body?: string;
  at?: string;
  sentAt?: string;
  caseNo: string | null;
  readAt?: string | null;
}
