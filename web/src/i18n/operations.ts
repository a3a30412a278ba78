import { defineTexts } from '.';
import commonEn from './en/admin';
import en from './en/operations';
import common from './zh/admin';
import zh from './zh/operations';

/** Words of the pages about work, jobs, clients, nodes and the clock, with those that all admin pages share. */
export const useOperationsText = defineTexts({ ...common, ...zh }, { ...commonEn, ...en });
