import { defineTexts } from '.';
import en from './en/staff';
import zh from './zh/staff';

export const useStaffText = defineTexts(zh, en);
