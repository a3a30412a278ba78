/** Shapes of the designer's part of the HTTP API (docs/contract/api.md). */
export interface Finding {
  rule: string;
  severity: 'error' | 'warning';
  elementId: string | null;
  line: number | null;
  message: string;
  messageEn: string;
  hint: string;
  hintEn: string;
}
export interface DefinitionRow {
  key: string;
  name: string;
  latest: { id: number; version: number; deployedAt: string; deployedByName: string; note: string; findingCount: number } | null;
  draft: { revision: number; savedAt: string; savedByName: string } | null;
  runningCases: number;
}
export interface VersionRow {
  id: number;
  name: string;
  version: number;
  deployedAt: string;
  deployedByName: string;
  note: string;
  digest: string;
  runningCases: number;
  findings: Finding[];
}
export interface MovedElement {
  elementId: string;
  name: string;
  type: string;
  count: number;
  targetId: string;
  targetName: string | null;
  findings: Finding[];
}
export interface MovePreview {
  cases: number;
  legs: number;
  elements: MovedElement[];
  movable: string[];
  refused: string[];
  more: boolean;
}
export interface MoveResult {
  moved: string[];
  refused: { caseNo: string; findings: Finding[] }[];
}
export interface Draft {
  key: string;
  name: string;
  xml: string;
  revision: number;
  basedOnVersion: number | null;
  savedAt: string;
  savedByName: string;
}
export interface CheckResult {
  findings: Finding[];
  deployable: boolean;
}
export type ChangeKind = 'converted' | 'repaired' | 'dropped' | 'manual';
export interface ImportChange {
  elementId: string | null;
  line: number | null;
  kind: ChangeKind;
  what: string;
  before: string;
  after: string;
  message: string;
  messageEn: string;
}
export interface ImportResult {
  name: string;
  xml: string;
  dialect: 'camunda' | 'flowable' | 'activiti' | 'zeebe' | 'juel' | 'plain';
  changes: ImportChange[];
  forms: { formId: string; form: object }[];
  findings: Finding[];
  deployable: boolean;
}
export interface CodeRow {
  code: string;
  name: string;
  nameEn: string;
}
export type CodeTables = Record<'statuses' | 'results' | 'documents' | 'roles' | 'stopReasons' | 'serviceTypes' | 'flags', CodeRow[]>;
export type Many<T> = T[] | { items: T[] };

/** Short lists come bare or in an envelope; both are read. */
export function rows<T>(answer: Many<T>): T[] {
  return Array.isArray(answer) ? answer : answer.items;
}
