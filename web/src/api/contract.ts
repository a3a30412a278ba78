/**
 * The pages' types against the API's description, checked by the compiler: every field that a page relies on must be one
 * the server describes. `schema.d.ts` is generated (`make api`), and CI refuses a stale one.
 */
import type * as admin from '../admin/types';
import type * as cases from '../case/types';
import type * as design from '../designer/types';
import type { StoredFile } from '../shared/api/client';
import type { Session } from '../shared/session';
import type { components } from './schema';

type Schemas = components['schemas'];
type RequiredKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T];
/** Fields a page needs that the server does not describe: must be none. */
type Missing<Page, Answer> = Exclude<RequiredKeys<Page>, keyof Answer>;
type Holds<T extends never> = T;

export type Contract = [
  Holds<Missing<Session, Schemas['SessionAnswer']>>,
  Holds<Missing<StoredFile, Schemas['StoredFile']>>,
  Holds<Missing<cases.ItemRow, Schemas['ItemRow']>>,
  Holds<Missing<cases.ItemDetail, Schemas['ItemDetail']>>,
  Holds<Missing<cases.MaterialSpec, Schemas['MaterialSpec']>>,
  Holds<Missing<cases.SelfCheckQuestion, Schemas['SelfCheck']>>,
  Holds<Missing<cases.ApplicationDraft, Schemas['DraftAnswer']>>,
  Holds<Missing<cases.MyCaseRow, Schemas['MyCaseRow']>>,
  Holds<Missing<cases.MyCase, Schemas['MyCaseAnswer']>>,
  Holds<Missing<cases.AnonymousProgress, Schemas['ProgressAnswer']>>,
  Holds<Missing<cases.NotificationRow, Schemas['NotificationAnswer']>>,
  Holds<Missing<cases.TaskRow, Schemas['TaskRowAnswer']>>,
  Holds<Missing<cases.TaskCounts, Schemas['TaskCounts']>>,
  Holds<Missing<cases.TaskDetail, Schemas['TaskDetailAnswer']>>,
  Holds<Missing<cases.TaskDetail['task'], Schemas['TaskHead']>>,
  Holds<Missing<cases.CompletedTask, Schemas['CompletedAnswer']>>,
  Holds<Missing<cases.CaseRow, Schemas['CaseRowAnswer']>>,
  Holds<Missing<cases.CaseSummaryData, Schemas['CaseSummaryAnswer']>>,
  Holds<Missing<cases.CaseDetail, Schemas['CaseDetailAnswer']>>,
  Holds<Missing<cases.OfferedView, Schemas['OfferedAnswer']>>,
  Holds<Missing<cases.OfferedElement, Schemas['OfferedElementAnswer']>>,
  Holds<Missing<cases.LegView, Schemas['LegAnswer']>>,
  Holds<Missing<cases.ClockView, Schemas['CaseClockAnswer']>>,
  Holds<Missing<cases.ClockEventView, Schemas['ClockEventAnswer']>>,
  Holds<Missing<cases.LadderStepView, Schemas['LadderAnswer']>>,
  Holds<Missing<cases.MessageRow, Schemas['MessageAnswer']>>,
  Holds<Missing<cases.MaterialRow, Schemas['MaterialAnswer']>>,
  Holds<Missing<cases.DocumentView, Schemas['DocumentAnswer']>>,
  Holds<Missing<cases.Timeline, Schemas['TimelineAnswer']>>,
  Holds<Missing<cases.TimelineEvent, Schemas['EventAnswer']>>,
  Holds<Missing<cases.Diagram, Schemas['DiagramAnswer']>>,
  Holds<Missing<cases.DiagramLeg, Schemas['PositionsAnswer']>>,
  Holds<Missing<design.DefinitionRow, Schemas['DefinitionRow']>>,
  Holds<Missing<design.VersionRow, Schemas['VersionAnswer']>>,
  Holds<Missing<design.MovePreview, Schemas['MovePreviewAnswer']>>,
  Holds<Missing<design.MovedElement, Schemas['MovedElementAnswer']>>,
  Holds<Missing<design.MoveResult, Schemas['MoveAnswer']>>,
  Holds<Missing<design.Draft, Schemas['ModelDraftAnswer']>>,
  Holds<Missing<design.CheckResult, Schemas['CheckAnswer']>>,
  Holds<Missing<design.Finding, Schemas['FindingAnswer']>>,
  Holds<Missing<design.CodeTables, Schemas['CodeTables']>>,
  Holds<Missing<admin.Overview, Schemas['OverviewAnswer']>>,
  Holds<Missing<admin.StuckRow, Schemas['StuckRow']>>,
  Holds<Missing<admin.IncidentRow, Schemas['IncidentRow']>>,
  Holds<Missing<admin.LegVariables, Schemas['VariablesAnswer']>>,
  Holds<Missing<admin.LegVariable, Schemas['VariableAnswer']>>,
  Holds<Missing<admin.Corrected, Schemas['CorrectedAnswer']>>,
  Holds<Missing<admin.WorkRow, Schemas['WorkRow']>>,
  Holds<Missing<admin.MessageRow, Schemas['ExchangeRow']>>,
  Holds<Missing<admin.SiteRow, Schemas['AdminSite']>>,
  Holds<Missing<admin.UserRow, Schemas['AdminUser']>>,
  Holds<Missing<admin.ClockState, Schemas['ClockAnswer']>>,
  Holds<Missing<admin.AuditAnswer, Schemas['AuditAnswer']>>,
];
