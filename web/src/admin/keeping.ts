import { useResource } from '../case/resource';
import { useChannelText } from '../i18n/channels';
import { useSession } from '../shared/session';
import { useSitesHeld } from '../shared/session/useSitesHeld';
import type { SiteRow } from './types';

/** In choices of sites: the whole platform. */
export const PLATFORM = 0;

export interface Keeping {
  /** May allow what only the platform's administrator may. */
  forPlatform: boolean;
  /** Keeps anything at all; an auditor only reads. */
  any: boolean;
  /** Whether what belongs to this site (null: the platform) is theirs to change. */
  keeps: (siteId: number | null) => boolean;
  /** Sites to look at, with the whole platform first for those who oversee it. */
  seen: { value: number; label: string }[];
  /** Sites to enter something for. */
  kept: { value: number; label: string }[];
}

/** Whose connections and channels the person keeps: a site's administrator those of the own sites, the platform's all. */
export function useKeeping(): Keeping {
  const t = useChannelText();
  const { session } = useSession();
  const own = useSitesHeld('SITE_ADMIN');
  const sites = useResource<{ items: SiteRow[] }>('/admin/sites');
  const roles = session?.user?.roles ?? [];
  const forPlatform = roles.some((held) => held.role === 'PLATFORM_ADMIN');
  const overseen = forPlatform || roles.some((held) => held.role === 'AUDITOR');
  const every = [{ value: PLATFORM, label: t('ch.platform') }, ...(sites.data?.items ?? []).map((site) => ({ value: site.id, label: site.name }))];
  const mine = [...own].map(([value, label]) => ({ value, label }));
  return {
    forPlatform,
    any: forPlatform || own.size > 0,
    keeps: (siteId) => forPlatform || (siteId !== null && own.has(siteId)),
    seen: overseen ? every : mine,
    kept: forPlatform ? every : mine,
  };
}
