// How the stand-alone verifier of exports is put together: one readable file for plain Node, out of the very files that verify
// and judge here.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const BANNER = `#!/usr/bin/env node
// Checks an export of prometheus-ledger with plain Node.js, 20.12 or later; \`node verify.mjs --help\` says how.
// Put together from the files of the program that judge (Apache-2.0) and from zod, whose licence stands at the end.`;

const LICENCE = readFileSync(join(ROOT, 'node_modules', 'zod', 'LICENSE'), 'utf8')
  .trimEnd()
  .split('\n');
const FOOTER = ['zod:', ...LICENCE].map((line) => `// ${line}`.trimEnd()).join('\n');

export default {
  root: ROOT,
  cacheDir: join(ROOT, 'build', 'vite'),
  publicDir: false,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: join(ROOT, 'dist', 'export', 'verify-main.js'),
    outDir: join(ROOT, 'build', 'verifier'),
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rolldownOptions: { output: { entryFileNames: 'verify.mjs', codeSplitting: false, banner: BANNER, footer: FOOTER } },
    reportCompressedSize: false,
  },
  logLevel: 'warn',
};
