import type zh from '../zh/admin';

const adminTexts: Record<keyof typeof zh, string> = {
  'home.title': 'Start',
};

export default adminTexts;
