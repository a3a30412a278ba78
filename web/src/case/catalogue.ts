/** Items, their guides and materials as the API answers them. */

export interface ItemRow {
  code: string;
  no: number;
  name: string;
  nameEn: string;
  mode: string;
  modeName: string;
  leadUnit: string;
  available: boolean;
  sector: string;
  promiseDays: number | null;
}

export interface MaterialSpec {
  code: string;
  name: string;
  form: string;
  need: string;
  needIf: string | null;
  gap: string | null;
  note: string | null;
  source: 'UPLOAD' | 'SHARED' | 'SYSTEM';
  accept: string | null;
}

export interface SelfCheckQuestion {
  id: string;
  question: string;
  options: (string | { value: string; label: string })[];
  failsWhen: string | string[] | null;
  explanation: string;
}

export interface ItemDetail extends ItemRow {
  scenario: string;
  guide: {
    audience: string;
    conditions: string[];
    steps: { title: string; text: string; site: string }[];
    fees: string;
    delivery: string;
    result: string;
    legalBasis: string[];
    deadlines: { key: string; name: string; value: string; text: string; source: string }[];
  } | null;
  materials: MaterialSpec[];
  applyFormId: string | null;
  selfCheck: SelfCheckQuestion[];
}
