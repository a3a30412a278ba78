import { defineTexts } from '.';
import en from './en/places';
import zh from './zh/places';

export const usePlacesText = defineTexts(zh, en);
