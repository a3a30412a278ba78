import { defineTexts } from '.';
import en from './en/channels';
import zh from './zh/channels';

export const useChannelText = defineTexts(zh, en);
