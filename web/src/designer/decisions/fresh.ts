/** Models that were just made or imported and not deployed yet: handed from the list to the editor. */
const fresh = new Map<string, { name: string; xml: string }>();

export function keepNew(key: string, model: { name: string; xml: string }): void {
  fresh.set(key, model);
}

export function findNew(key: string): { name: string; xml: string } | undefined {
  return fresh.get(key);
}

export function forgetNew(key: string): void {
  fresh.delete(key);
}
