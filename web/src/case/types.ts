import type { components } from '../api/schema';
import type { FormSchema } from '../kernel';

/** What the API answers, as far as portal, staff and case pages read it: names for the generated shapes. Times are ISO 8601 with offset. */

export * from './applicant';
export * from './catalogue';

type Schemas = components['schemas'];

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Due = Schemas['DueAnswer'];
export type LadderMark = Schemas['LadderMarkAnswer'];
export type TaskRow = Schemas['TaskRowAnswer'];
export type TaskCounts = Schemas['TaskCounts'];
export type TaskAction = Schemas['ActionAnswer'];
export type SupplementNotice = Schemas['NoticeAnswer'];
export type MaterialRow = Schemas['MaterialAnswer'];
/** The API says of a form's schema that it is an object; what is in it is the kernel's business. */
export type TaskDetail = Omit<Schemas['TaskDetailAnswer'], 'form'> & { form: (Omit<Schemas['FormRef'], 'schema'> & { schema: FormSchema }) | null };
export type CompletedTask = Schemas['CompletedAnswer'];
export type CaseRow = Schemas['CaseRowAnswer'];
export type CaseSummaryData = Schemas['CaseSummaryAnswer'];
export type LegView = Schemas['LegAnswer'];
export type LadderStepView = Schemas['LadderAnswer'];
export type DocumentRow = Schemas['DocumentRow'];
export type DocumentView = Schemas['DocumentAnswer'];
export type MessageRow = Schemas['MessageAnswer'];
export type OfferedElement = Schemas['OfferedElementAnswer'];
export type OfferedView = Schemas['OfferedAnswer'];
export type CaseJobRow = Schemas['CaseJobAnswer'];
export type CaseDetail = Schemas['CaseDetailAnswer'];
export type TimelineLane = Schemas['LaneAnswer'];
export type TimelineEvent = Schemas['EventAnswer'];
export type Timeline = Schemas['TimelineAnswer'];
export type Tone = TimelineEvent['tone'];
export type Diagram = Schemas['DiagramAnswer'];
