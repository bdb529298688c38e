#!/usr/bin/env node
// Starts the command line; says what to do where the code is not built yet.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = new URL('../dist/cli.js', import.meta.url);
if (existsSync(cli)) {
  await import(cli.href);
} else {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  process.stderr.write(`prometheus-ledger is not built yet. To fix: (cd "${root}" && npm run build)\n`);
  process.exitCode = 2;
}
