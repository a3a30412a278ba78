/** What an administrator types for a variable, read as JSON of the type that was chosen. */

export const VALUE_TYPES = ['string', 'number', 'boolean', 'null', 'list', 'object'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];
export type ValueProblem = 'number' | 'boolean' | 'list' | 'object';

export interface ReadValue {
  value: unknown;
  problem: ValueProblem | null;
}

const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

/** The value of a text in a type, or what is wrong with it. A string is taken as it stands. */
export function readValue(type: ValueType, text: string): ReadValue {
  const trimmed = text.trim();
  switch (type) {
    case 'string':
      return { value: text, problem: null };
    case 'null':
      return { value: null, problem: null };
    case 'number':
      return NUMBER.test(trimmed) ? { value: Number(trimmed), problem: null } : { value: null, problem: 'number' };
    case 'boolean':
      return trimmed === 'true' || trimmed === 'false' ? { value: trimmed === 'true', problem: null } : { value: null, problem: 'boolean' };
    default:
      return structure(type, trimmed);
  }
}

function structure(type: 'list' | 'object', text: string): ReadValue {
  try {
    const value: unknown = JSON.parse(text);
    const fits = type === 'list' ? Array.isArray(value) : typeof value === 'object' && value !== null && !Array.isArray(value);
    return fits ? { value, problem: null } : { value: null, problem: type };
  } catch {
    return { value: null, problem: type };
  }
}

/** Is the new value of another type than the old one? Null and missing may become anything. */
export function changedType(old: ValueType | 'missing', now: ValueType): boolean {
  return old !== now && old !== 'missing' && old !== 'null';
}
