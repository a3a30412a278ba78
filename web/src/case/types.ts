import type { components } from '../api/schema';

/** What the API answers (docs/contract/api.md), as far as portal, staff and case pages read it. Times are ISO 8601 with offset. */

export * from './applicant';
export * from './catalogue';

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type DueState = 'none' | 'ok' | 'soon' | 'today' | 'overdue';

export interface Due {
  state: DueState;
  /** Working days left; negative when overdue; null without a deadline. */
  workdays: number | null;
}

export interface LadderMark {
  kind: string;
  kindName: string;
  level: number;
  raisedAt: string;
}

export interface TaskRow {
  id: string;
  name: string;
  elementId: string;
  caseNo: string;
  collabNo: string;
  itemCode: string;
  itemName: string;
  subject: string;
  siteId: number;
  siteName: string;
  role: string;
  roleName: string;
  legRole: string;
  dueAt: string | null;
  due: Due;
  assigneeId: number | null;
  assigneeName: string | null;
  openedAt: string;
  caseStatus: string;
  caseStatusName: string;
  ladder: LadderMark | null;
  /** Whose task it is that the person may do as a delegate. */
  onBehalfOf?: string | null;
}

export interface TaskCounts {
  group: number;
  mine: number;
  overdue: number;
  today: number;
  messages: number;
}

export interface TaskAction {
  value: string;
  name: string;
  nameEn?: string | null;
  primary?: boolean;
  danger?: boolean;
}

export interface NoticeEntry {
  target?: string;
  targetName?: string;
  defect?: string;
  rule?: string;
  cure?: string;
}

export interface SupplementNotice {
  round: number;
  entries: NoticeEntry[];
  notifiedAt: string;
  dueAt?: string | null;
  answeredAt: string | null;
}

export interface FormRef {
  formId: string;
  version: number;
  schema: unknown;
}

export interface MaterialRow {
  id?: number;
  code: string;
  name: string;
  required: boolean;
  state: string;
  stateName: string;
  fileId: string | null;
  fileName: string | null;
  sha256: string | null;
  originName?: string | null;
  verifiedByName?: string | null;
  note?: string | null;
}

export interface TaskDetail {
  task: TaskRow & {
    version: number;
    state: string;
    policy: string | null;
    policyText: string | null;
    policyTextEn?: string | null;
    documentation: string | null;
    plainText: string | null;
  };
  form: FormRef | null;
  context: Record<string, unknown>;
  data: Record<string, unknown>;
  actions: TaskAction[];
  mayClaim: boolean;
  mayComplete: boolean;
  why: string | null;
  whyEn: string | null;
  separation: { elementName: string; by: string | null }[];
  case: CaseRow | null;
  materials: MaterialRow[];
  supplement: { rounds: number; notices: SupplementNotice[] } | null;
}

export interface CompletedTask {
  task: { id: string; state: string };
  caseNo: string;
  nextTasks: { id: string; name: string; mayComplete: boolean }[];
}

/** A milestone. */
export interface Flag {
  code: string;
  name: string;
  nameEn: string;
}

export interface CaseRow {
  caseNo: string;
  collabNo: string;
  itemCode?: string;
  itemName: string;
  subject: string;
  mainSiteName: string;
  partnerSiteNames: string[];
  legRole: string;
  status: string;
  statusName: string;
  statusNameEn?: string;
  flags: Flag[];
  submittedAt: string;
  promiseDueAt: string | null;
  due: Due;
  closedAt: string | null;
  resultName: string | null;
  stuck: boolean;
}

export interface CaseSummaryData extends CaseRow {
  /** 收件 and 受理; with 收件即受理 both at once. Null for partners and before. */
  receivedAt: string | null;
  acceptedAt: string | null;
  definitionKey: string;
  definitionVersion: number;
  /** Only at the lead site. */
  queryCode?: string;
  resultCode: string | null;
}

export interface CurrentElement {
  id: string;
  name: string;
  since: string;
  performer: string | null;
  dueAt: string | null;
}

export interface LegView {
  id: number;
  participantId: string;
  participantName: string;
  siteId: number;
  siteCode: string;
  siteName: string;
  sitePhone: string | null;
  role: string;
  caseNo: string | null;
  status: string;
  statusName: string;
  statusNameEn?: string;
  suspended?: boolean;
  startedAt: string | null;
  endedAt: string | null;
  currentElements: CurrentElement[];
  mine: boolean;
}

export interface ClockEventView {
  at: string;
  action: string;
  actionName?: string;
  reason?: string;
  reasonName?: string;
  dueBefore: string | null;
  dueAfter: string | null;
  usedDays?: number;
}

export interface ClockView {
  kind: string;
  kindName: string;
  totalDays: number;
  usedDays: number;
  remainingDays: number;
  state: string;
  dueAt: string | null;
  provisional: boolean;
  source: string;
  events: ClockEventView[];
}

export interface LadderStepView {
  id: number;
  number: string;
  kind: string;
  kindName: string;
  level: number;
  siteName: string;
  taskName: string | null;
  dueAt: string | null;
  raisedAt: string;
  raisedByName: string | null;
  note: string;
  answer: string | null;
  answeredAt: string | null;
  mayAnswer: boolean;
}

export interface DocumentRow {
  id: number;
  code: string;
  title: string;
  number: string;
  issuedAt: string;
  siteName?: string;
}

export interface DocumentView {
  title: string;
  number: string;
  issuedAt: string;
  siteName: string;
  seal: string | null;
  paragraphs: { label: string; text: string }[];
  remedies: string | null;
  legalBasis: string | string[] | null;
}

export interface CertificateRow {
  number: string;
  kindName: string;
  state: string;
  stateName: string;
  issuerName?: string;
  validUntil: string | null;
  holderMasked?: string | null;
}

export interface RegistrationRow {
  personMasked: string;
  siteName: string;
  state: string;
  stateName: string;
  since: string;
}

export interface MessageRow {
  name: string;
  from: string;
  to: string;
  state: string;
  stateName?: string;
  at: string;
}

export interface CaseTaskRow {
  id: string;
  name: string;
  siteName: string;
  state: string;
  assigneeName: string | null;
  dueAt: string | null;
  closedAt: string | null;
}

export interface IncidentRow {
  id: number;
  elementName?: string;
  code: string;
  message: string;
  messageEn?: string;
  openedAt: string;
}

/** An element that the reader may start. */
export interface OfferedElement {
  id: string;
  name: string;
  role: string | null;
  roleName: string;
  running: boolean;
}

/** An open ad-hoc sub-process with what the reader may start in it. */
export interface OfferedView {
  legId: number;
  adHocId: string;
  name: string;
  number: number | null;
  elements: OfferedElement[];
}

/** A step that another system does. */
export interface CaseJobRow {
  id: string;
  legId: number;
  elementId: string;
  elementName: string;
  topic: string;
  isCall: boolean;
  state: 'open' | 'locked' | 'done' | 'failed' | 'cancelled';
  attempts: number;
  errorCode: string | null;
  createdAt: string;
  closedAt: string | null;
}

export interface CaseDetail {
  summary: CaseSummaryData;
  legs: LegView[];
  application: Record<string, unknown> | null;
  applyFormId: string | null;
  received: Record<string, unknown> | null;
  /** What the data contract calls the received fields, by path (`movers.idNo`). */
  receivedNames: Record<string, string>;
  materials: MaterialRow[];
  documents: DocumentRow[];
  clocks: ClockView[];
  ladder: LadderStepView[];
  certificates: CertificateRow[];
  registrations: RegistrationRow[];
  messages: MessageRow[];
  tasks: CaseTaskRow[];
  incidents: IncidentRow[];
  jobs: CaseJobRow[];
  offered: OfferedView[];
  may: { urge: boolean; suspend?: boolean; retry?: boolean };
  privacy: components['schemas']['PrivacyAnswer'];
}

export type Tone = 'info' | 'good' | 'warn' | 'bad';

export interface TimelineLane {
  legId: number;
  siteName: string;
  role: string;
  roleName: string;
}

export interface TimelineEvent {
  id: number | string;
  at: string;
  legId: number | null;
  kind: string;
  title: string;
  titleEn: string | null;
  actorName: string | null;
  elementId: string | null;
  elementName: string | null;
  tone: Tone;
  data: Record<string, unknown> | null;
  fromLegId?: number | null;
  toLegId?: number | null;
}

export interface Timeline {
  lanes: TimelineLane[];
  events: TimelineEvent[];
}

export interface DiagramLeg {
  legId: number;
  participantId: string;
  active: string[];
  visited: string[];
  taken: string[];
  incidents: string[];
}

export interface Diagram {
  xml: string;
  definitionKey: string;
  definitionVersion: number;
  legs: DiagramLeg[];
}
