import { useSession } from '.';

/** Whether the person's roles have an act (`operation:retry`): a button that would only be refused is not shown. */
export function useMay(): (act: string) => boolean {
  const { session } = useSession();
  return (act) => session?.user?.functions.includes(act) ?? false;
}
