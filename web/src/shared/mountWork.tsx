import './theme/tokens.css';
import './theme/work.css';

import { ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';

import { LanguageProvider, useLanguage } from '../i18n';
import { cspNonce, stampStyles } from './nonce';
import { SessionProvider } from './session';
import { workTheme } from './theme/antd';

function Antd({ children }: { children: ReactNode }): ReactNode {
  const { locale } = useLanguage();
  const nonce = cspNonce();
  return (
    <ConfigProvider locale={locale === 'zh' ? zhCN : enUS} theme={workTheme} {...(nonce ? { csp: { nonce } } : {})} button={{ autoInsertSpace: false }}>
      {children}
    </ConfigProvider>
  );
}

/** Starts a staff, admin or designer page below its prefix. */
export function mountWork(prefix: string, app: ReactNode): void {
  stampStyles();
  const root = document.getElementById('root');
  if (!root) throw new Error('no #root in the page');
  createRoot(root).render(
    <StrictMode>
      <LanguageProvider>
        <Antd>
          <SessionProvider>
            <BrowserRouter basename={prefix}>{app}</BrowserRouter>
          </SessionProvider>
        </Antd>
      </LanguageProvider>
    </StrictMode>,
  );
}
