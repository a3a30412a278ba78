import { defineTexts } from '.';
import en from './en/setup';
import zh from './zh/setup';

export const useSetUpText = defineTexts(zh, en);
