export { CODE_TABLES, codeLabel, codeOptions } from './codes';
export * from './checks';
export { evaluate, parse } from './feel';
export { FormBroken, computeForm, escapePointer, reviewForm, validateForm } from './form';
export { mask, type MaskKind } from './mask';
export * from './schema';
export * from './types';
export { isEmpty } from './values';
