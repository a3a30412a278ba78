/** Shapes of the decisions' part of the HTTP API. */
import type { Finding } from '../types';

export interface DecisionInput {
  id: string;
  name: string;
  type: string;
  allowed: string;
}

export interface DecisionInfo {
  id: string;
  name: string;
  kind: string;
  type: string;
  hitPolicy: string;
  inputs: string[];
  requires: string[];
}

export interface DecisionModel {
  name: string;
  namespace: string;
  decisions: DecisionInfo[];
  services: DecisionInfo[];
  inputs: DecisionInput[];
}

export interface DecisionVersion {
  id: number;
  key: string;
  version: number;
  name: string;
  model: DecisionModel;
  deployedAt: string;
  deployedByName: string;
  note: string;
  findings: Finding[];
}

export interface DecisionCheck {
  findings: Finding[];
  deployable: boolean;
  model: DecisionModel | null;
}

export interface DecisionProblem {
  code: string;
  message: string;
  decision: string | null;
  element: string | null;
}

export interface Decided {
  value: unknown;
  trace: { id: string; name: string; value: unknown; rules: number[] | null; inputs: unknown[] }[];
  errors: DecisionProblem[];
  warnings: DecisionProblem[];
}
