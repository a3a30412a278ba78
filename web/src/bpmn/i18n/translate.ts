/** The diagram tools' translate service: our dictionary over bpmn-js-i18n's. */
import zn from 'bpmn-js-i18n/translations/zn.js';

import { panelZh } from './panel.zh';
import { elementTypeZh } from './types.zh';

type Replacements = Record<string, string> | undefined;

const dictionaries: Record<string, Record<string, string>> = { zh: { ...zn, ...panelZh }, en: {} };

export function translator(locale: 'zh' | 'en'): (text: string, replacements?: Replacements) => string {
  const dictionary = dictionaries[locale] ?? {};
  return (text, replacements) => {
    const found = dictionary[text] ?? (locale === 'zh' ? elementTypeZh(text) : undefined);
    return (found ?? text).replace(/{([^}]+)}/g, (whole, name: string) => replacements?.[name] ?? whole);
  };
}

declare global {
  /** Read by the panel's own fallback (tools/panel-words-patch.ts). */
  var lianbanPanelWords: ReturnType<typeof translator> | undefined;
}

/** A didi module that replaces the translate service. */
export function translateModule(locale: 'zh' | 'en'): Record<string, unknown> {
  const translate = translator(locale);
  globalThis.lianbanPanelWords = translate;
  return { translate: ['value', translate] };
}
