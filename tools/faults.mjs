#!/usr/bin/env node
// `npm run test:faults`: every I/O error and every kill at every call of the system by which a data folder is written, and
// what came of it. `npm test` takes a sample. Words after `npm run test:faults --` are handed on: `--syscall fsync`.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { report } from './setup/step.mjs';
import { run } from './test/command.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SCRIPT = join(ROOT, 'build', 'test', 'fault', 'every-injection.js');

try {
  await setUp();
  const { code } = await run(process.execPath, [SCRIPT, ...process.argv.slice(2)], { cwd: ROOT });
  process.exitCode = code;
} catch (error) {
  process.exitCode = report(error);
}
