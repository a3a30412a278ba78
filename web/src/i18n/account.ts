import { defineTexts } from '.';
import en from './en/account';
import zh from './zh/account';

export const useAccountText = defineTexts(zh, en);
