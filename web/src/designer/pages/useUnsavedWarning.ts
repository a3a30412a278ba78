import { useEffect } from 'react';

/** The browser asks before the page is closed or loaded anew while something is not saved. */
export function useUnsavedWarning(dirty: boolean): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (dirty) event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [dirty]);
}
