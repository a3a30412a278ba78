import { defineTexts } from '.';
import en from './en/designer';
import zh from './zh/designer';

export const useDesignerText = defineTexts(zh, en);
