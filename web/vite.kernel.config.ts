import { resolve } from 'node:path';

import { defineConfig } from 'vite';

/** The kernel as one script for the server's V8: no imports, no eval, nothing of the host. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: resolve(import.meta.dirname, '../forms/bundle'),
    emptyOutDir: true,
    target: 'es2022',
    minify: true,
    lib: {
      entry: resolve(import.meta.dirname, 'src/kernel/host.ts'),
      formats: ['iife'],
      name: 'lianbanKernel',
      fileName: () => 'kernel.js',
    },
  },
});
