import { defineTexts } from '.';
import en from './en/providers';
import zh from './zh/providers';

export const useProviderText = defineTexts(zh, en);
