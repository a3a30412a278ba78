import { defineTexts } from '.';
import en from './en/window';
import zh from './zh/window';

export const useWindowText = defineTexts(zh, en);
