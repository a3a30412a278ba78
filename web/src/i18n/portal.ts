import { defineTexts } from '.';
import en from './en/portal';
import zh from './zh/portal';

export const usePortalText = defineTexts(zh, en);
