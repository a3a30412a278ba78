import { defineTexts } from '.';
import en from './en/evidence';
import zh from './zh/evidence';

export const useEvidenceText = defineTexts(zh, en);
