import { defineTexts } from '.';
import en from './en/forms';
import zh from './zh/forms';

export const useFormsText = defineTexts(zh, en);
export type FormsTextKey = keyof typeof zh;
