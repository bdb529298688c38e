#!/usr/bin/env node
// What this machine and this checkout have: `npm run doctor`, before set-up or after. Plain Node, so that it also works
// where nothing is installed. `examine` answers the facts, `render` a table; with --json one JSON document.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statfsSync } from 'node:fs';
import { arch, availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nvccPlace } from './setup/native.mjs';
import { checkPrerequisites, installLine } from './setup/prerequisites.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const AVX512 = ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'];

const run = (program, args, timeout = 20_000) =>
  new Promise((resolve) => {
    execFile(program, args, { timeout }, (error, stdout, stderr) =>
      resolve({ ok: error === null, stdout: stdout.trim(), stderr: stderr.trim() }),
    );
  });

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** The widest vector instructions of this processor that the trainer has code for. */
function instructionSet(cpuinfo = read('/proc/cpuinfo')) {
  if (arch() === 'arm64') return 'neon';
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1].trim().split(' '));
  if (AVX512.every((flag) => flags.has(flag))) return 'avx512';
  return flags.has('avx2') && flags.has('fma') ? 'avx2' : 'reference';
}

/** Loads the addon in a process of its own: one built for another machine may end the process that loads it. */
async function addon(root) {
  const path = join(root, 'build', 'native', 'trainer.node');
  if (!existsSync(path)) return { ok: false, text: 'not built', fix: 'npm run build' };
  const script = 'process.dlopen({ exports: {} }, process.argv[1])';
  const { ok, stderr } = await run(process.execPath, ['-e', script, path]);
  if (ok) return { ok, text: 'loads', fix: null };
  const cause = /Error: (.*)/.exec(stderr)?.[1] ?? 'the process that loaded it crashed';
  return { ok, text: `does not load: ${cause}`, fix: 'delete build/native, then npm run build' };
}

/** The device, or why there is none: the trainer tries it, for as long as it gives a self-test. */
async function cudaDevice(root) {
  const trainer = join(root, 'build', 'native', 'trainer');
  const { ok, stdout, stderr } = await run(trainer, ['backends', '--json'], 130_000);
  if (!ok) return existsSync(trainer) ? `not known: ${stderr || 'the trainer failed'}` : 'not known before the build';
  const found = JSON.parse(stdout).backends.find(({ name }) => name === 'cuda');
  return found.available ? `${found.device}; it passed its self-test` : found.reason;
}

/** What of CUDA is there; none of it is needed. */
async function cuda(root) {
  const nvcc = nvccPlace();
  const [device, compiler] = await Promise.all([cudaDevice(root), nvcc === null ? null : run(nvcc, ['--version'])]);
  const version = /release ([\d.]+)/.exec(compiler?.stdout ?? '')?.[1] ?? 'does not start';
  const { TRAINER_DEVICE_PLUGIN: named } = process.env;
  const plugin = named ?? join(root, 'build', 'native', 'trainer_cuda.so');
  const unbuilt = nvcc === null ? 'not built; npm run build makes it where nvcc is' : 'not built; npm run build';
  return {
    compiler: nvcc === null ? 'none; needed only to build the plugin' : `${version}, ${nvcc}`,
    plugin: existsSync(plugin) ? plugin : named === undefined ? unbuilt : `${named} is not there`,
    device,
  };
}

const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`;

/** {ok, install, facts: [{name, value, ok | null, need | null}]}; `ok: null` marks a fact that is neither good nor bad. */
export async function examine(root = ROOT) {
  const [checks, loaded, { compiler, plugin, device }] = await Promise.all([
    checkPrerequisites(),
    addon(root),
    cuda(root),
  ]);
  const { bavail, bsize } = statfsSync(root);
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const packages = existsSync(join(root, 'node_modules', '.package-lock.json'));
  const code = existsSync(join(root, 'dist', 'cli.js'));
  const fact = (name, value, ok = null, need = null) => ({ name, value, ok, need });
  const facts = [
    ...checks.map(({ name, ok, version, need }) => fact(name, version ?? 'none', ok, need)),
    fact('cores', String(availableParallelism())),
    fact('instruction set', instructionSet()),
    fact('memory', `${gigabytes(memory)}, ${gigabytes(freemem())} free`, memory >= 2e9, '2 GB'),
    fact('disk', `${gigabytes(bavail * bsize)} free`, bavail * bsize >= 2e9, '2 GB free'),
    fact('packages', packages ? 'installed' : 'not installed', packages, 'npm run build'),
    fact('native trainer', loaded.text, loaded.ok, loaded.fix),
    fact('command line', code ? 'built' : 'not built', code, 'npm run build'),
    fact('CUDA compiler', compiler),
    fact('CUDA plugin', plugin),
    fact('CUDA device', device),
  ];
  return { ok: facts.every(({ ok }) => ok !== false), install: installLine(checks), facts };
}

/** The facts as lines of text, at most 80 columns where the facts allow. */
export function render({ ok, install, facts }) {
  const width = Math.max(...facts.map(({ name }) => name.length));
  const mark = (fact) => (fact.ok === null ? ' ' : fact.ok ? '✓' : '✗');
  const lines = facts.map((fact) => {
    const need = fact.ok === false ? `  (needs: ${fact.need})` : '';
    return `${mark(fact)} ${fact.name.padEnd(width)}  ${fact.value}${need}`;
  });
  if (install !== null) lines.push('', `To fix: ${install}`);
  if (ok) lines.push('', 'All is there.');
  return `${lines.join('\n')}\n`;
}

const typed = process.argv[1];
if (typed !== undefined && realpathSync(typed) === fileURLToPath(import.meta.url)) {
  const facts = await examine();
  process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(facts)}\n` : render(facts));
  process.exitCode = facts.ok ? 0 : 1;
}
