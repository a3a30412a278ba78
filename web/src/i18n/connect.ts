import { defineTexts } from '.';
import en from './en/connect';
import zh from './zh/connect';

export const useConnectText = defineTexts(zh, en);
