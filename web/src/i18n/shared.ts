import { defineTexts } from '.';
import en from './en/shared';
import zh from './zh/shared';

export const useSharedText = defineTexts(zh, en);
