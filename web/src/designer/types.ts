import type { components } from '../api/schema';

/** Names for what the designer's part of the API answers. */

type Schemas = components['schemas'];

export type Finding = Schemas['FindingAnswer'];
export type DefinitionRow = Schemas['DefinitionRow'];
export type VersionRow = Schemas['VersionAnswer'];
export type MovedElement = Schemas['MovedElementAnswer'];
export type MovePreview = Schemas['MovePreviewAnswer'];
export type MoveResult = Schemas['MoveAnswer'];
export type Draft = Schemas['ModelDraftAnswer'];
export type CheckResult = Schemas['CheckAnswer'];
export type ImportChange = Schemas['ChangeAnswer'];
export type ChangeKind = ImportChange['kind'];
export type ImportResult = Schemas['ImportAnswer'];
export type CodeRow = Schemas['NamedCode'];
export type CodeTables = Schemas['CodeTables'];

/** A list as the API answers it. */
export interface Many<T> {
  items: T[];
}

export function rows<T>({ items }: Many<T>): T[] {
  return items;
}
