import type { components } from '../../api/schema';

/** Names for what trials answer (docs/trials.md). */

type Schemas = components['schemas'];

export type TrialStart = Schemas['TrialStartAnswer'];
export type TrialProcess = Schemas['TrialProcess'];
export type TrialAction = Schemas['ActionAnswer'];
export type TrialTask = Schemas['TrialTask'];
export type TrialJob = Schemas['TrialJob'];
export type TrialTimer = Schemas['TrialTimer'];
export type TrialSubscription = Schemas['TrialSubscription'];
export type TrialIncident = Schemas['TrialIncident'];
export type TrialAdHoc = Schemas['TrialAdHoc'];
export type TrialInstance = Schemas['TrialInstanceAnswer'];
export type TrialChange = Schemas['TrialChange'];
export type TrialConversion = Schemas['TrialConversion'];
export type TrialHead = Schemas['TrialHead'];
export type Trial = Schemas['TrialAnswer'];
export type TrialEvent = Schemas['TrialEventAnswer'];

/** What a trial is made of. */
export interface TrialRequest {
  name: string;
  resources: { name: string; content: string }[];
  services: 'complete' | 'hold';
}
