#!/usr/bin/env node
// `npm run bench` times the trainer beside PyTorch and OpenBLAS, `npm run bench service` the service, `npm run bench cycle` what
// a cycle costs beyond training and probing, `npm run bench ledger` the log beside other event stores. Figures are printed; nothing is judged by them.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { report } from './setup/step.mjs';
import { run } from './test/command.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const script = (name) => join(ROOT, 'build', 'test', 'bench', name, 'main.js');
const BENCHES = {
  trainer: (words) => [process.execPath, [script('trainer'), ...words]],
  service: (words) => [process.execPath, [script('service'), ...words]],
  cycle: (words) => [process.execPath, [script('cycle'), ...words]],
  ledger: (words) => [process.execPath, [script('ledger'), ...words]],
};

const [name = 'trainer', ...words] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  process.stderr.write(`bench: ${name} is none; there are ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
try {
  await setUp();
  const [program, args] = bench(words);
  const { code } = await run(program, args, { cwd: ROOT });
  process.exitCode = code;
} catch (error) {
  process.exitCode = report(error);
}
