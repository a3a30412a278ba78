import type { Choice } from './schema';

interface CodeTable {
  id: string;
  title: { zh: string; en: string };
  entries: { code: string; zh: string; en?: string; parent?: string }[];
}

const modules = import.meta.glob<CodeTable>('../../../forms/codes/*.json', { eager: true, import: 'default' });

/** Code tables by id, the same files the server reads. */
export const CODE_TABLES: ReadonlyMap<string, CodeTable> = new Map(
  Object.values(modules).map((table) => [table.id, table]),
);

const options = new Map<string, Choice[]>();

/** Codes of a table in Chinese, or undefined for an unknown table. */
export function codeOptions(table: string): Choice[] | undefined {
  if (!options.has(table)) {
    const found = CODE_TABLES.get(table);
    if (found) options.set(table, found.entries.map((entry) => ({ value: entry.code, label: entry.zh })));
  }
  return options.get(table);
}

/** Text of a code in a language, the code itself when unknown. */
export function codeLabel(table: string, code: string, locale: 'zh' | 'en' = 'zh'): string {
  const entry = CODE_TABLES.get(table)?.entries.find((candidate) => candidate.code === code);
  return entry ? ((locale === 'en' ? entry.en : undefined) ?? entry.zh) : code;
}
