import { useLanguage } from '../i18n';
import { useResource } from './resource';

interface Named {
  items: { code: string; name: string; nameEn: string }[];
}

/** What an item is called in the reader's language, by its code or by its Chinese name, as lists have it. */
export function useItemName(): (name: string) => string {
  const { locale } = useLanguage();
  const known = useResource<Named>(locale === 'en' ? '/items' : null);
  const english = new Map(known.data?.items.flatMap((item) => [[item.code, item.nameEn], [item.name, item.nameEn]] as const));
  return (name) => english.get(name) || name;
}
