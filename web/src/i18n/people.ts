import { defineTexts } from '.';
import en from './en/people';
import zh from './zh/people';

export const usePeopleText = defineTexts(zh, en);
