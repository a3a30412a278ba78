import type zh from '../zh/designer';

const designerTexts: Record<keyof typeof zh, string> = {
  'home.title': 'Start',
};

export default designerTexts;
