import { useSession } from '../../shared/session';

/** Whether the person may run models before they are published. */
export function useMayTry(): boolean {
  const { session } = useSession();
  return session?.user?.roles.some((held) => held.role === 'DESIGNER' || held.role === 'PLATFORM_ADMIN') ?? false;
}
