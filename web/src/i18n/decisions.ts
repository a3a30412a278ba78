import { defineTexts } from '.';
import en from './en/decisions';
import zh from './zh/decisions';

export const useDecisionText = defineTexts(zh, en);
