// How the page is built: one HTML file and its assets into build/dashboard, with the pure files of src/ that it judges with.
// `npx vite --config tools/setup/vite.config.mjs` serves it while it is being written, in front of a service on port 4680.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export default {
  root: join(ROOT, 'src', 'dashboard', 'ui'),
  base: './',
  cacheDir: join(ROOT, 'build', 'vite'),
  publicDir: false,
  resolve: { alias: [{ find: /^#(.+)\.js$/, replacement: `${join(ROOT, 'src')}/$1.ts` }] },
  oxc: { jsx: { runtime: 'automatic', development: false } },
  build: {
    outDir: join(ROOT, 'build', 'dashboard'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:4680', '/version': 'http://127.0.0.1:4680' } },
  logLevel: 'warn',
};
