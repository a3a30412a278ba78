import { defineTexts } from '.';
import en from './en/privacy';
import zh from './zh/privacy';

export const usePrivacyText = defineTexts(zh, en);
