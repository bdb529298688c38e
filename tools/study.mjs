#!/usr/bin/env node
// `npm run study gate` asks what the gate lets through: simulated lineages and real candidates of known effect, from a seed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { report } from './setup/step.mjs';
import { run } from './test/command.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STUDIES = ['gate'];

const [name, ...words] = process.argv.slice(2);
if (!STUDIES.includes(name)) {
  process.stderr.write(`study: ${name ?? 'nothing'} is none; there is ${STUDIES.join(', ')}\n`);
  process.exit(2);
}
try {
  await setUp();
  const main = join(ROOT, 'build', 'test', 'study', name, 'main.js');
  const { code } = await run(process.execPath, [main, ...words], { cwd: ROOT });
  process.exitCode = code;
} catch (error) {
  process.exitCode = report(error);
}
