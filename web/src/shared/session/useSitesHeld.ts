import { useSession } from '.';

/** The sites where the person holds one of these roles, by id with their names. */
export function useSitesHeld(...roles: readonly string[]): Map<number, string> {
  const { session } = useSession();
  return new Map((session?.user?.roles ?? []).filter((held) => roles.includes(held.role)).map((held) => [held.siteId, held.siteName]));
}
