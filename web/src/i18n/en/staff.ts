import type zh from '../zh/staff';

const staffTexts: Record<keyof typeof zh, string> = {
  'home.title': 'Start',
};

export default staffTexts;
