/** What the panel offers to choose from: code tables, forms, policies of this deployment. */

import type { Connections } from './connections';

export interface Choice {
  value: string;
  label: string;
}
export interface Catalog {
  statuses: Choice[];
  results: Choice[];
  documents: Choice[];
  roles: Choice[];
  stopReasons: Choice[];
  serviceTypes: Choice[];
  flags: Choice[];
  forms: Choice[];
  policies: Choice[];
  /** Hosts and secrets of connections; absent for people who may not design with them. */
  connections?: Connections;
}

export const emptyCatalog: Catalog = {
  statuses: [],
  results: [],
  documents: [],
  roles: [],
  stopReasons: [],
  serviceTypes: [],
  flags: [],
  forms: [],
  policies: [],
};
