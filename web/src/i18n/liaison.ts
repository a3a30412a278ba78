import { defineTexts } from '.';
import en from './en/liaison';
import zh from './zh/liaison';

export const useLiaisonText = defineTexts(zh, en);
