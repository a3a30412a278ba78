import type { components } from '../api/schema';

/** What an applicant gets from the API: drafts, own cases, anonymous progress, notifications. */

type Schemas = components['schemas'];

export type ApplicationDraft = Schemas['DraftAnswer'];
export type MyCaseRow = Schemas['MyCaseRow'];
export type PromiseChange = Schemas['PromiseChange'];
export type MyCase = Schemas['MyCaseAnswer'];
export type AnonymousProgress = Schemas['ProgressAnswer'];
export type NotificationRow = Schemas['NotificationAnswer'];

export const RATING_LEVELS = ['VERY_SATISFIED', 'SATISFIED', 'BASICALLY_SATISFIED', 'DISSATISFIED', 'VERY_DISSATISFIED'] as const;
export type RatingLevel = (typeof RATING_LEVELS)[number];
