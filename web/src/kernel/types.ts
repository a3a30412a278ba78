/** JSON in and out of the kernel. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * Variables of an evaluation. `now` (ISO 8601 with offset) is the clock of `now()` and `today()`; `zone` its region;
 * `workCalendar` the working days of the acting site (workdays.ts).
 */
export type KernelContext = JsonObject & { now?: string; zone?: string };

export interface Position {
  /** Offsets in UTF-16 units from the start of the source. */
  from: number;
  to: number;
}

export interface KernelProblem {
  code: 'syntax' | 'unknown_function' | 'no_clock' | 'no_calendar' | 'evaluation' | 'result_type' | 'limit';
  message: string;
  position?: Position;
}

export interface SourceExpression {
  id: string;
  /** FEEL without the leading `=`. */
  source: string;
  /** A unary test over the variable `?`. */
  unary?: boolean;
}

export type FeelType =
  | 'null' | 'boolean' | 'number' | 'string' | 'list' | 'context' | 'date' | 'time' | 'date and time' | 'duration';

export interface EvaluationResult {
  id: string;
  /** JSON; a date, time, date-time or duration is `{"$feel": type, "value": iso}`. */
  value: Json;
  type: FeelType;
  /** What was null on the way: missing variables, impossible operations. */
  warnings: { code: string; message: string; position: Position }[];
  error?: KernelProblem;
}

export interface ParseResult {
  id: string;
  error?: KernelProblem;
  /** Variables read, sorted; names bound inside the expression are left out. */
  names: string[];
  /** Names read inside a filter `[...]`: a variable or a property of the filtered item. */
  filterNames: string[];
}

export interface FieldError {
  /** JSON pointer into the form data, e.g. `/movers/0/idNo`. */
  path: string;
  code: string;
  params: JsonObject;
}

export interface FieldState {
  visible: boolean;
  required: boolean;
  readonly: boolean;
  /** The computed value of a computed field. */
  computed?: Json;
  /** Options of a choice whose list comes from an expression. */
  options?: { value: string; label: string }[];
}

export interface FormState {
  /** By JSON pointer for what holds data, by `#id` for what does not (groups, texts), in row `/movers/0#id`. */
  fields: Record<string, FieldState>;
  /** Data with computed values and without hidden fields. */
  data: JsonObject;
}

export interface FormResult {
  errors: FieldError[];
  /** What would be accepted: normalised, computed values in, hidden fields out. */
  data: JsonObject;
}
