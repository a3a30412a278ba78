import { useEffect } from 'react';

/** How many controls back the focus may go when what had it is gone. */
const TRAIL = 12;
/** Dialogs and pages that place the focus themselves have done so by then. */
const PATIENCE_MS = 120;

interface Place {
  element: HTMLElement;
  above: HTMLElement[];
}

function placeOf(element: HTMLElement): Place {
  const above: HTMLElement[] = [];
  for (let each = element.parentElement; each; each = each.parentElement) above.push(each);
  return { element, above };
}

function isFallen(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function takesFocus(element: HTMLElement): boolean {
  return element.isConnected && element.getClientRects().length > 0;
}

/** Focuses a part of the page that takes no focus of its own, for this once. */
function focusPart(part: HTMLElement): void {
  if (!part.hasAttribute('tabindex')) {
    part.tabIndex = -1;
    part.addEventListener('blur', () => part.removeAttribute('tabindex'), { once: true });
  }
  part.focus({ preventScroll: true });
}

/** The smallest part of the page that still stands where a control was; of a whole page its heading. */
function partOf({ above }: Place): HTMLElement | null {
  const part = above.find((each) => each.isConnected)?.closest<HTMLElement>('section, form, fieldset, dialog, [role="dialog"], main') ?? null;
  return part?.tagName === 'MAIN' ? (part.querySelector<HTMLElement>('h1') ?? part) : part;
}

/** Puts the focus back on the newest control that stands, or on the part of the page it was in. */
function mend(trail: Place[]): void {
  for (const place of [...trail].reverse()) {
    if (takesFocus(place.element)) {
      if (place.element.matches(':disabled')) return;
      place.element.focus({ preventScroll: true });
      if (!isFallen()) return;
    }
    const part = partOf(place);
    if (part) {
      focusPart(part);
      return;
    }
  }
}

/**
 * When the control with the focus goes away (it was pressed and is not needed any more) or is switched off while it works, browsers
 * let the focus fall to the top of the page; here it stays where the person is.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let trail: Place[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const arrived = ({ target }: FocusEvent): void => {
      if (target instanceof HTMLElement && target !== document.body) trail = [...trail, placeOf(target)].slice(-TRAIL);
    };
    const left = ({ target }: FocusEvent): void => {
      setTimeout(() => {
        // Somebody clicked beside everything: that is meant.
        if (isFallen() && document.hasFocus() && target instanceof HTMLElement && takesFocus(target) && !target.matches(':disabled')) trail = [];
      });
    };
    const watcher = new MutationObserver(() => {
      if (trail.length === 0 || !isFallen()) return;
      clearTimeout(timer);
      timer = setTimeout(() => { if (isFallen()) mend(trail); }, PATIENCE_MS);
    });
    document.addEventListener('focusin', arrived);
    document.addEventListener('focusout', left);
    watcher.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] });
    return () => {
      clearTimeout(timer);
      watcher.disconnect();
      document.removeEventListener('focusin', arrived);
      document.removeEventListener('focusout', left);
    };
  }, []);
}
