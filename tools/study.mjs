#!/usr/bin/env node
// Studies that are registered experiments: `npm run study -- regimes` registers studies/regimes.yaml in data/studies, makes its
// runs, concludes it and writes its report; `--quick` takes the small file beside it, `--seeds N` and `--cycles K` register
// another experiment of that size. Studies that are paired with one another are all registered before the first run of any,
// since it makes their seeds known; `all` takes one after the other. The same command goes on after an interrupt. Others are
// programs of their own: `gate` asks what the gate lets through, `envelope-operating` how often the convergence envelope is
// right, `allocation-ranking` whether a policy's scores rank domains by what could be gained.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setUp } from './setup.mjs';
import { report } from './setup/step.mjs';
import { fixedCycles, meantBy, REGISTERED, textOf, withPartners } from './study/registered.mjs';
import { run } from './test/command.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SCRIPTS = ['gate', 'envelope-operating', 'allocation-ranking'];
const DATA = join('data', 'studies');

function refuse(message) {
  process.stderr.write(`study: ${message}\n`);
  process.exit(2);
}

/** A study that is a program of its own. */
const script = async (name, words) => {
  const main = join(ROOT, 'build', 'test', 'study', name, 'main.js');
  return (await run(process.execPath, [main, ...words], { cwd: ROOT })).code;
};

const CLI = [join(ROOT, 'bin', 'prometheus-ledger.mjs'), '--data', DATA];
const type = async (...words) => (await run(process.execPath, [...CLI, 'experiment', ...words], { cwd: ROOT })).code;

const shown = (id) => {
  const words = [...CLI, '--json', 'experiment', 'show', id];
  return JSON.parse(execFileSync(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] }));
};

const NAMED = /^(experiment|pairedWith): (\S+)$/gm;

/** A registration as it stands beside the code, or one of another size under another name. */
function fileOf(id, { seeds, cycles }) {
  if (seeds === undefined && cycles === undefined) return { id, path: join('studies', `${id}.yaml`) };
  const size = `${seeds === undefined ? '' : `-s${seeds}`}${cycles === undefined ? '' : `-c${cycles}`}`;
  let text = textOf(id).replace(NAMED, (_line, field, name) => `${field}: ${name}${size}`);
  if (seeds !== undefined) text = text.replace(/^seeds: .*$/m, `seeds: ${seeds}`);
  if (cycles !== undefined) text = text.replace(/^cycles: .*$/m, `cycles: ${cycles}`);
  const path = join(DATA, `${id}${size}.yaml`);
  mkdirSync(join(ROOT, DATA), { recursive: true });
  writeFileSync(join(ROOT, path), text);
  return { id: `${id}${size}`, path };
}

/** One that nobody asked for may have come too late, which it says itself and which stops nothing. */
async function register({ asked, path }) {
  const code = await type('register', path);
  return asked ? code : 0;
}

/** The commands that anybody would type, until one of them fails. */
async function registered(names, size) {
  const all = withPartners(names).map((id) => ({ ...fileOf(id, size), asked: names.includes(id) }));
  const wanted = all.filter(({ asked }) => asked);
  const steps = [
    ...all.map((one) => () => register(one)),
    ...wanted.map(
      ({ id }) =>
        () =>
          type('run', id),
    ),
    ...wanted.map(
      ({ id }) =>
        () =>
          type(shown(id).conclusions.length === 0 ? 'conclude' : 'show', id),
    ),
    ...wanted.map(
      ({ id }) =>
        () =>
          type('report', id, '--to', join(DATA, 'reports', id)),
    ),
  ];
  for (const step of steps) {
    const code = await step();
    if (code !== 0) return code;
  }
  return 0;
}

const OPTIONS = { quick: { type: 'boolean' }, seeds: { type: 'string' }, cycles: { type: 'string' } };

/** What was asked of registered studies. */
function asked(words) {
  const { values } = (() => {
    try {
      return parseArgs({ args: words, options: OPTIONS });
    } catch (error) {
      return refuse(`${error.message.split('. ')[0]}; there are --quick, --seeds N and --cycles K`);
    }
  })();
  for (const field of ['seeds', 'cycles'])
    if (values[field] !== undefined && !/^[1-9]\d*$/.test(values[field]))
      refuse(`--${field} ${values[field]}: a whole number from 1 on is needed`);
  return values;
}

const [name, ...words] = process.argv.slice(2);
const known = [...SCRIPTS, ...REGISTERED, 'all'];
if (!known.includes(name))
  refuse(`${name === undefined ? 'name one' : `${name} is none`}; there are ${known.join(', ')}`);
const isScript = SCRIPTS.includes(name);
const { quick, ...size } = isScript ? {} : asked(words);
const { meant, missing } = isScript ? { meant: [], missing: [] } : meantBy(name, quick);
if (missing.length > 0 && name !== 'all')
  refuse(`studies/${missing[0]}.yaml: there is none; leave --quick out, or give --seeds and --cycles`);
for (const id of missing) process.stdout.write(`study: ${id} is left out: there is no studies/${id}.yaml.\n`);
const fixed = isScript || size.cycles === undefined ? [] : meant.filter((id) => fixedCycles(id) !== undefined);
if (fixed.length > 0 && name !== 'all')
  refuse(`--cycles ${size.cycles}: ${fixed[0]} ${fixedCycles(fixed[0])}; leave it out`);
for (const id of fixed) process.stdout.write(`study: ${id} is left out: it ${fixedCycles(id)}.\n`);
const names = meant.filter((id) => !fixed.includes(id));
try {
  await setUp();
  process.exitCode = isScript ? await script(name, words) : await registered(names, size);
} catch (error) {
  process.exitCode = report(error);
}
