import { defineTexts } from '.';
import en from './en/kept';
import zh from './zh/kept';

export const useKeptText = defineTexts(zh, en);
