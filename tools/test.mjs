#!/usr/bin/env node
// `npm test`: set-up, lint, native tests, jest. Every part runs even when an earlier one failed; at the end every
// skipped test is listed with its cause, and a skip without one counts as a failure. Words after `npm test --` are
// handed to jest, and then only jest runs. `--full` adds the long tests.
//
// A skipped jest test carries its cause in its name, as `… [skipped: cause]`; a native one prints `SKIPPED: name: cause`.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { readJson } from './setup/stamp.mjs';
import { report } from './setup/step.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (...path) => join(ROOT, 'node_modules', ...path);

/** Runs a command in the checkout, shows what it prints, and answers {code, text} with its standard output. */
function run(program, args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      process.stdout.write(chunk);
    });
    child.once('error', (error) => resolve({ code: 127, text: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, text }));
  });
}

const title = (text) => process.stdout.write(`\n${text}\n`);
const close = ({ name, passed, failed }) => process.stdout.write(`${name}: ${passed} passed, ${failed} failed\n`);

async function lint() {
  title('Lint');
  const folders = ['src', 'test', 'tools', 'bin'];
  const checks = [
    [bin('oxlint', 'bin', 'oxlint'), '--deny-warnings', ...folders],
    [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', ...folders, 'jest.config.mjs'],
  ];
  let failed = 0;
  for (const check of checks) {
    const { code } = await run(process.execPath, check);
    if (code !== 0) failed += 1;
  }
  return { name: 'lint', passed: checks.length - failed, failed, skips: [] };
}

/** One native test program: its last line says `N passed, N failed`. */
async function nativeProgram(folder, program, env) {
  const { code, text } = await run(join(folder, program), [], env);
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(text) ?? [];
  const skips = [...text.matchAll(/^SKIPPED: ([^:\n]+): (.+)$/gm)].map(([, name, cause]) => ({ name, cause }));
  if (passed === undefined || (code !== 0 && failed === '0')) {
    process.stdout.write(`${program} ended with ${code} and no closing line that explains it\n`);
    return { passed: Number(passed ?? 0), failed: Number(failed ?? 0) + 1, skips };
  }
  return { passed: Number(passed), failed: Number(failed), skips };
}

async function native(env) {
  title('Native tests');
  const folder = join(ROOT, 'build', 'native');
  const programs = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('_tests')).sort();
  const total = { name: 'native', passed: 0, failed: programs.length === 0 ? 1 : 0, skips: [] };
  for (const program of programs) {
    process.stdout.write(`${program}: `);
    const part = await nativeProgram(folder, program, env);
    total.passed += part.passed;
    total.failed += part.failed;
    total.skips.push(...part.skips);
  }
  if (programs.length === 0) process.stdout.write('no test program in build/native\n');
  return total;
}

async function jest(words, env) {
  title('TypeScript tests');
  const results = join(ROOT, 'build', 'log', 'jest.json');
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const node = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules', bin('jest', 'bin', 'jest.js')];
  const workers = `--maxWorkers=${Math.max(2, availableParallelism() - 1)}`;
  const asJson = ['--json', `--outputFile=${results}`];
  const { code } = await run(process.execPath, [...node, '--watchman=false', workers, ...asJson, ...words], env);
  const suites = readJson(results)?.testResults ?? [];
  const unrun = suites
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => !['passed', 'failed'].includes(status));
  const skips = unrun.map(({ fullName }) => {
    const [, cause] = /\[skipped: ([^\]]+)\]/.exec(fullName) ?? [];
    return { name: fullName.replace(/ ?\[skipped: [^\]]+\]/, ''), cause };
  });
  return { name: 'jest', ok: code === 0 && suites.length > 0, skips };
}

/** Lists the skips; answers how many have no cause. */
function listSkips(skips) {
  title(skips.length === 0 ? 'No test was skipped.' : `Skipped tests (${skips.length}):`);
  for (const { name, cause } of skips) process.stdout.write(`  ${name}: ${cause ?? 'NO CAUSE GIVEN'}\n`);
  return skips.filter(({ cause }) => cause === undefined).length;
}

async function main(words) {
  const full = words.includes('--full');
  const jestWords = words.filter((word) => word !== '--full');
  const env = { ...process.env, TEST_SCOPE: full ? 'full' : 'standard' };
  await setUp(ROOT);
  const parts = jestWords.length > 0 ? [] : [await lint(), await native(env)];
  const typescript = await jest(jestWords, env);
  const selected = jestWords.length > 0;
  const causeless = selected ? 0 : listSkips([...parts, typescript].flatMap(({ skips }) => skips));
  for (const part of parts) close(part);
  const ok = parts.every(({ failed }) => failed === 0) && typescript.ok && causeless === 0;
  process.stdout.write(ok ? 'All passed.\n' : 'NOT passed.\n');
  return ok ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error);
}
