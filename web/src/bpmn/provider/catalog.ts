/** What the panel offers to choose from: code tables, forms, policies of this deployment. */

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
