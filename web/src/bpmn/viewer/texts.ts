/** Words of the diagram viewer. */
export type Locale = 'zh' | 'en';

const texts = {
  diagram: ['流程图', 'Process diagram'],
  positions: ['当前所在环节', 'Current positions'],
  here: ['当前环节', 'Now here'],
  done: ['已经过', 'Passed'],
  incident: ['故障', 'Incident'],
  failed: ['流程图无法显示：', 'The diagram cannot be shown:'],
} as const satisfies Record<string, readonly [string, string]>;

const say = (index: 0 | 1) => (key: keyof typeof texts) => texts[key][index];
const bySide = { zh: say(0), en: say(1) };

/** The same function for the same locale, so that effects may depend on it. */
export function viewerText(locale: Locale): (key: keyof typeof texts) => string {
  return bySide[locale];
}
