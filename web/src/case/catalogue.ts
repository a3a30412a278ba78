import type { components } from '../api/schema';

/** Items, their guides and materials as the API answers them. */

type Schemas = components['schemas'];

export type ItemRow = Schemas['ItemRow'];
export type MaterialSpec = Schemas['MaterialSpec'];
export type SelfCheckQuestion = Schemas['SelfCheck'];
export type ItemDetail = Schemas['ItemDetail'];
