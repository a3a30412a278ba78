import { defineTexts } from '.';
import commonEn from './en/admin';
import en from './en/deadlines';
import common from './zh/admin';
import zh from './zh/deadlines';

/** Words of the pages about policies and the calendar, with those that all admin pages share. */
export const useDeadlineText = defineTexts({ ...common, ...zh }, { ...commonEn, ...en });
