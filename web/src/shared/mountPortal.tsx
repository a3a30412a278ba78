import './theme/tokens.css';
import './theme/portal.css';

import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';

import { LanguageProvider } from '../i18n';
import { SessionProvider } from './session';

/** Starts the citizens' pages. No antd here: its styles need a nonce, and this page's policy has none. */
export function mountPortal(app: ReactNode): void {
  const root = document.getElementById('root');
  if (!root) throw new Error('no #root in the page');
  createRoot(root).render(
    <StrictMode>
      <LanguageProvider>
        <SessionProvider>
          <BrowserRouter>{app}</BrowserRouter>
        </SessionProvider>
      </LanguageProvider>
    </StrictMode>,
  );
}
