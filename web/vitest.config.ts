import { defineConfig } from 'vitest/config';

import { feelinPatch } from './tools/feelin-patch.ts';

export default defineConfig({
  plugins: [feelinPatch()],
  oxc: { jsx: { runtime: 'automatic' } },
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    environment: 'node',
    server: { deps: { inline: ['feelin'] } },
  },
});
