/** Shapes of the trial part of the HTTP API (docs/trials.md). */
import type { JsonObject } from '../../kernel';
import type { Finding } from '../types';

export interface TrialStart {
  kind: 'none' | 'message' | 'signal' | 'timer' | 'conditional';
  elementId: string;
  value: string;
}
export interface TrialProcess {
  id: string;
  name: string;
  definitionId: number;
  starts: TrialStart[];
}
export interface TrialAction {
  value: string;
  name: string;
  nameEn: string;
  primary: boolean;
  danger: boolean;
}
export interface TrialTask {
  id: string;
  instanceId: number;
  elementId: string;
  name: string;
  formId: string | null;
  context: JsonObject;
  assignee: string | null;
  candidateGroups: string[];
  due: string | null;
  loopIndex: number | null;
  actions: TrialAction[];
}
export interface TrialJob {
  id: string;
  instanceId: number;
  elementId: string;
  name: string;
  type: string;
  arguments: JsonObject;
}
export interface TrialTimer {
  instanceId: number | null;
  processId: string;
  elementId: string;
  name: string;
  dueAt: string;
}
export interface TrialSubscription {
  instanceId: number;
  elementId: string;
  name: string;
  message: string;
  correlationKey: string | null;
}
export interface TrialIncident {
  id: string;
  instanceId: number;
  elementId: string;
  name: string;
  code: string;
  message: string;
}
export interface TrialAdHoc {
  id: string;
  instanceId: number;
  elementId: string;
  name: string;
  enabledElements: string[];
}
export interface TrialInstance {
  id: number;
  processId: string;
  processName: string;
  definitionId: number;
  state: 'running' | 'ended' | 'cancelled';
  variables: JsonObject;
  tasks: TrialTask[];
  jobs: TrialJob[];
  timers: TrialTimer[];
  subscriptions: TrialSubscription[];
  incidents: TrialIncident[];
  adHocs: TrialAdHoc[];
  activeElements: string[];
}
export interface TrialMessage {
  id: number;
  name: string;
  state: string;
  instanceId: number | null;
}
export interface TrialChange {
  kind: 'converted' | 'repaired' | 'dropped' | 'manual';
  elementId: string | null;
  message: string;
  messageEn: string;
  before: string;
  after: string;
}
export interface TrialConversion {
  resource: string;
  definitionId: number;
  dialect: string;
  changes: TrialChange[];
}
export interface TrialHead {
  id: number;
  name: string;
  now: string;
  services: 'complete' | 'hold';
  createdAt: string;
  expiresAt: string;
}
export interface Trial extends TrialHead {
  processes: TrialProcess[];
  conversions: TrialConversion[];
  findings: (Finding & { resource: string })[];
  instances: TrialInstance[];
  messages: TrialMessage[];
  timers: TrialTimer[];
  nextDueAt: string | null;
}
export interface TrialEvent {
  seq: number;
  at: string;
  instanceId: number | null;
  definitionId: number | null;
  kind: string;
  elementId: string | null;
  elementName: string | null;
  data: JsonObject | null;
}
export interface TrialRequest {
  name: string;
  resources: { name: string; content: string }[];
  services: 'complete' | 'hold';
}
