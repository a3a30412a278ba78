import { resolve } from 'node:path';

import react from '@vitejs/plugin-react';
import { type Plugin, defineConfig } from 'vite';

import { panelWordsPatch } from './tools/panel-words-patch.ts';

const page = (name: string): string => resolve(import.meta.dirname, `${name}.html`);

/** In development every path below a page's prefix answers with that page, as the server does. */
function pages(): Plugin {
  return {
    name: 'lianban:pages',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? '/').split('?')[0] ?? '/';
        if (!/\.\w+$/.test(path) && !/^\/(api|@|src|node_modules)/.test(path)) {
          const name = /^\/(staff|admin|designer)(\/|$)/.exec(path)?.[1] ?? 'portal';
          request.url = `/${name}.html`;
        }
        next();
      });
    },
  };
}

export default defineConfig({
  appType: 'mpa',
  plugins: [react(), panelWordsPatch(), pages()],
  optimizeDeps: { exclude: ['@bpmn-io/properties-panel'] },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': process.env.LIANBAN_API ?? 'http://127.0.0.1:8000' },
  },
  build: {
    outDir: 'dist',
    target: 'chrome109',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: { portal: page('portal'), staff: page('staff'), admin: page('admin'), designer: page('designer') },
    },
  },
});
