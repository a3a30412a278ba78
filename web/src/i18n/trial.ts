import { defineTexts } from '.';
import en from './en/trial';
import zh from './zh/trial';

export const useTrialText = defineTexts(zh, en);
