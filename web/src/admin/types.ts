import type { components } from '../api/schema';

/** Names for what the admin part of the API answers. */

type Schemas = components['schemas'];

export type Overview = Schemas['OverviewAnswer'];
export type StuckRow = Schemas['StuckRow'];
export const STUCK_REASONS = ['overdue', 'incident', 'message', 'supplement', 'suspended', 'external', 'unclaimed'] as const satisfies StuckRow['reason'][];
export type StuckReason = StuckRow['reason'];
export type IncidentRow = Schemas['IncidentRow'];
/** A variable of a leg; texts are masked, named ones are read by the failing expression. */
export type LegVariable = Schemas['VariableAnswer'];
export type LegVariables = Schemas['VariablesAnswer'];
export type Corrected = Schemas['CorrectedAnswer'];
export type WorkRow = Schemas['WorkRow'];
/** Failed work of one kind with one error. */
export type FailedWork = Schemas['FailedRow'];
export type MessageRow = Schemas['ExchangeRow'];
export type SiteRow = Schemas['AdminSite'];
export type UserRow = Schemas['AdminUser'];
export type NodeRow = Schemas['NodeRow'];
export type ClockState = Schemas['ClockAnswer'];
export type Happening = Schemas['HappeningAnswer'];
/** A service task that another system does, or that the platform calls for (`isCall`). */
export type JobRow = Schemas['JobRow'];
export type JobState = JobRow['state'];
export const JOB_STATES = ['waiting', 'locked', 'retrying', 'failed', 'done', 'cancelled'] as const satisfies JobState[];
export type ShortcomingRow = Schemas['ShortcomingRow'];
export type ClientRow = Schemas['ClientAnswer'];
