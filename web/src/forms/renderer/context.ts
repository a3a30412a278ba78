import { createContext, useContext } from 'react';

import type { Locale, Translate } from '../../i18n';
import type { FormsTextKey } from '../../i18n/forms';
import type { FieldState, Json, JsonObject } from '../../kernel';

/** What the server kept of an uploaded file. */
export interface StoredFile {
  id: string;
  name: string;
  size: number;
  sha256: string;
}

export interface FormAccess {
  data: JsonObject;
  locale: Locale;
  t: Translate<FormsTextKey>;
  /** State of a place by pointer. */
  stateOf: (pointer: string) => FieldState;
  /** Text of what is wrong at a pointer, undefined when nothing is to be said (yet). */
  errorAt: (pointer: string) => string | undefined;
  idOf: (pointer: string) => string;
  change: (pointer: string, value: Json | undefined) => void;
  touch: (pointer: string) => void;
  announce: (text: string) => void;
  upload: ((file: File) => Promise<StoredFile>) | undefined;
}

export const FormContext = createContext<FormAccess | undefined>(undefined);

export function useForm(): FormAccess {
  const access = useContext(FormContext);
  if (!access) throw new Error('a form field outside FormView');
  return access;
}
