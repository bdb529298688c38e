#!/usr/bin/env node
// `npm run study gate` asks what the gate lets through: simulated lineages and real candidates of known effect, from a seed.
// `npm run study -- envelope-operating` asks how often the convergence envelope is right, of simulated arms, and
// `npm run study -- allocation-ranking` whether a policy's scores rank domains by what could have been gained.
// `npm run study -- regimes --quick` is a registered experiment: studies/regimes-quick.yaml is registered, run and concluded
// in a data folder of its own. The same command goes on after an interrupt, and shows what was concluded once it was.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { report } from './setup/step.mjs';
import { run } from './test/command.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SCRIPTS = ['gate', 'envelope-operating', 'allocation-ranking'];
const REGISTERED = ['regimes'];

function refuse(message) {
  process.stderr.write(`study: ${message}\n`);
  process.exit(2);
}

/** A study that is a program of its own. */
const script = async (name, words) => {
  const main = join(ROOT, 'build', 'test', 'study', name, 'main.js');
  return (await run(process.execPath, [main, ...words], { cwd: ROOT })).code;
};

/** A study that is a registered experiment: the commands that anybody would type, until one of them fails. */
async function registered(id) {
  const cli = [join(ROOT, 'bin', 'prometheus-ledger.mjs'), '--data', join('data', 'studies', id)];
  const type = async (...words) => (await run(process.execPath, [...cli, 'experiment', ...words], { cwd: ROOT })).code;
  for (const words of [
    ['register', join('studies', `${id}.yaml`)],
    ['run', id],
  ]) {
    const code = await type(...words);
    if (code !== 0) return code;
  }
  const shown = execFileSync(process.execPath, [...cli, '--json', 'experiment', 'show', id], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return type(JSON.parse(shown).conclusions.length === 0 ? 'conclude' : 'show', id);
}

const [name, ...words] = process.argv.slice(2);
const known = [...SCRIPTS, ...REGISTERED];
if (!known.includes(name)) refuse(`${name ?? 'nothing'} is none; there are ${known.join(', ')}`);
const id = words.includes('--quick') ? `${name}-quick` : name;
if (REGISTERED.includes(name)) {
  const odd = words.find((word) => word !== '--quick');
  if (odd !== undefined) refuse(`${odd}: a registered study knows --quick only; what it does stands in studies/`);
  if (!existsSync(join(ROOT, 'studies', `${id}.yaml`))) refuse(`${name}: only --quick is registered`);
}
try {
  await setUp();
  process.exitCode = SCRIPTS.includes(name) ? await script(name, words) : await registered(id);
} catch (error) {
  process.exitCode = report(error);
}
