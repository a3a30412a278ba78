import type { components } from '../../api/schema';

/** Names for what the decisions' part of the API answers. */

type Schemas = components['schemas'];

export type DecisionInput = Schemas['DecisionInputAnswer'];
export type DecisionModel = Schemas['DecisionModelAnswer'];
export type DecisionVersion = Schemas['DecisionVersionAnswer'];
export type DecisionCheck = Schemas['DecisionCheckAnswer'];
export type DecisionProblem = Schemas['DecisionProblemAnswer'];
export type Decided = Schemas['DecidedAnswer'];
