import { defineTexts } from '.';
import en from './en/admin';
import zh from './zh/admin';

export const useAdminText = defineTexts(zh, en);
