import type { components } from '../../api/schema';

type Schemas = components['schemas'];
export type DatesPreview = Schemas['DatesPreviewAnswer'];
export type DateMove = Schemas['DateMoveAnswer'];
export type Version = Schemas['CalendarVersionAnswer'];
export type CalendarYear = Schemas['CalendarAnswer'];
export type CalendarDay = Schemas['CalendarDayAnswer'];
export type ReadNotice = Schemas['ReadNoticeAnswer'];
export type Recomputation = Schemas['RecomputationAnswer'];
export type PolicyMatrixRow = Schemas['PolicyMatrixRow'];
export type PolicyLayer = Schemas['PolicyLayer'];
export type PolicyVersion = Schemas['PolicyVersionAnswer'];
export type MissingYear = Schemas['MissingYearAnswer'];
