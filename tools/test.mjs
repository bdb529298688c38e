#!/usr/bin/env node
// `npm test`: set-up, lint, native tests, jest. Every part runs even when an earlier one failed; at the end every
// skipped test is listed with its cause, and a skip without one counts as a failure. Words after `npm test --` are
// handed to jest, and then only jest runs. `--full` adds the long tests, and the trainer from other compilers and
// under sanitizers.
//
// A skipped jest test carries its cause in its name, as `… [skipped: cause]`; a native one prints `SKIPPED: name: cause`.
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { compileNative } from './setup/native.mjs';
import { checkPrerequisites } from './setup/prerequisites.mjs';
import { readJson } from './setup/stamp.mjs';
import { report } from './setup/step.mjs';
import { run } from './test/command.mjs';
import { LONG_SPECS } from './test/long-specs.mjs';
import { nativePrograms } from './test/native-programs.mjs';
import { otherCompilers } from './test/other-compilers.mjs';
import { ptxLint } from './test/ptx-lint.mjs';
import { sanitizers } from './test/sanitizers.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (...path) => join(ROOT, 'node_modules', ...path);

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
    const { code } = await run(process.execPath, check, { cwd: ROOT });
    if (code !== 0) failed += 1;
  }
  return { name: 'lint', passed: checks.length - failed, failed, skips: [] };
}

async function native(env) {
  title('Native tests');
  return { name: 'native', ...(await nativePrograms(join(ROOT, 'build', 'native'), env)) };
}

async function ptx() {
  title('What nvcc makes of the CUDA backend');
  return { name: 'ptx', ...(await ptxLint(ROOT)) };
}

/** The native tests on other builds of the trainer; the readers of foreign bytes meet far more damage than in `npm test`. */
async function variants(env) {
  const checks = await checkPrerequisites();
  const build = (name, options) => compileNative(ROOT, name, checks, options);
  title('The trainer from other compilers');
  const compilers = { name: 'other compilers', ...(await otherCompilers(build, env)) };
  title('The trainer under sanitizers');
  return [compilers, { name: 'sanitizers', ...(await sanitizers(build, env)) }];
}

const longSkips = () =>
  LONG_SPECS.map((spec) => ({ name: `test/${spec}.spec.ts`, cause: 'long; npm run test:full runs it' }));

async function jest(words, env) {
  title('TypeScript tests');
  const results = join(ROOT, 'build', 'log', 'jest.json');
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const node = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules', bin('jest', 'bin', 'jest.js')];
  const workers = `--maxWorkers=${Math.max(2, availableParallelism() - 1)}`;
  const left = words.length === 0 && env.TEST_SCOPE !== 'full';
  const ignored = left ? [`--testPathIgnorePatterns=/(${LONG_SPECS.join('|')})\\.spec\\.js$`] : [];
  const asJson = ['--json', `--outputFile=${results}`];
  const { code } = await run(
    process.execPath,
    [...node, '--watchman=false', workers, ...ignored, ...asJson, ...words],
    {
      cwd: ROOT,
      env,
    },
  );
  const suites = readJson(results)?.testResults ?? [];
  const unrun = suites
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => !['passed', 'failed'].includes(status));
  const skips = unrun.map(({ fullName }) => {
    const [, cause] = /\[skipped: ([^\]]+)\]/.exec(fullName) ?? [];
    return { name: fullName.replace(/ ?\[skipped: [^\]]+\]/, ''), cause };
  });
  return { name: 'jest', ok: code === 0 && suites.length > 0, skips: [...(left ? longSkips() : []), ...skips] };
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
  const env = {
    ...process.env,
    TEST_SCOPE: full ? 'full' : 'standard',
    FUZZ_ROUNDS: process.env.FUZZ_ROUNDS ?? (full ? '1000000' : '60000'),
  };
  await setUp(ROOT);
  const parts = jestWords.length > 0 ? [] : [await lint(), await native(env), await ptx()];
  if (full && jestWords.length === 0) parts.push(...(await variants(env)));
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
