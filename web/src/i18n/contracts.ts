import { defineTexts } from '.';
import en from './en/contracts';
import zh from './zh/contracts';

export const useContractText = defineTexts(zh, en);
