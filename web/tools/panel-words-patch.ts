import type { Plugin } from 'vite';

const FIND = 'function translateFallback(template, replacements) {';
const REPLACE = `${FIND}
  if (globalThis.lianbanPanelWords) return globalThis.lianbanPanelWords(template, replacements);`;

/**
 * The properties panel's building blocks fall back to English where their callers hand them no translate function.
 * While bundling, the fallback asks our dictionary first; the build fails when the function is gone.
 */
export function panelWordsPatch(): Plugin {
  return {
    name: 'lianban:panel-words',
    transform(code, id) {
      if (!/@bpmn-io\/properties-panel\/dist\/index\.esm\.js/.test(id)) return null;
      if (code.split(FIND).length !== 2) throw new Error('@bpmn-io/properties-panel changed: translateFallback not found once');
      return { code: code.replace(FIND, () => REPLACE), map: null };
    },
  };
}
