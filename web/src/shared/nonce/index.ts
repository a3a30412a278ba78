/** The nonce the server wrote into the page, undefined where the page has none (portal). */
export function cspNonce(): string | undefined {
  const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content');
  return nonce && nonce !== '__CSP_NONCE__' ? nonce : undefined;
}

type Create = (name: string, options?: ElementCreationOptions) => HTMLElement;

/** Stamps the nonce on every `<style>` that scripts make, so that libraries which know nothing of CSP work under it. */
export function stampStyles(): void {
  const nonce = cspNonce();
  if (!nonce) return;
  const host = document as unknown as { createElement: Create };
  const create = host.createElement.bind(document);
  host.createElement = (name, options) => {
    const element = create(name, options);
    if (name.toLowerCase() === 'style') element.nonce = nonce;
    return element;
  };
}
