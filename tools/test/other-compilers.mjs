// Contract nc-1 must not depend on who compiled it: the trainer is built once more by clang, with its tests, and once for
// aarch64, which qemu runs. Both must give the committed hashes. A tool that is not there is a skip with that cause.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './command.mjs';
import { nativePrograms } from './native-programs.mjs';

const CROSS_COMPILER = 'aarch64-linux-gnu-g++';
const EMULATOR = 'qemu-aarch64';

const isThere = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

/** What one command of `trainer selftest` finds: a pass for each hash that equals the committed one. */
async function selftest(command, isa, env) {
  const [program, ...args] = [...command, 'selftest', '--isa', isa, '--json'];
  const { code, text } = await run(program, args, { env, quiet: true });
  let checks = [];
  try {
    checks = JSON.parse(text).checks;
  } catch {
    process.stdout.write(`${text}\n`);
  }
  const wrong = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  for (const name of wrong) process.stdout.write(`FAILED: ${isa}: ${name}\n`);
  const ended = code === 0 && checks.length > 0;
  const failed = wrong.length === 0 && !ended ? 1 : wrong.length;
  process.stdout.write(`selftest ${isa}: ${checks.length - wrong.length} passed, ${failed} failed\n`);
  return { passed: checks.length - wrong.length, failed, skips: [] };
}

async function byClang(build, env) {
  const { ok, folder, output } = await build('native-clang', ['-DCMAKE_CXX_COMPILER=clang++']);
  if (ok) return [await nativePrograms(folder, env), await selftest([join(folder, 'trainer')], 'reference', env)];
  process.stdout.write(output);
  return [{ passed: 0, failed: 1, skips: [] }];
}

async function forAarch64(build, env) {
  const system = ['-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_SYSTEM_PROCESSOR=aarch64', '-DTRAINER_TESTS=OFF'];
  // Static, so that the emulator needs no libraries of the other processor.
  const toolchain = [`-DCMAKE_CXX_COMPILER=${CROSS_COMPILER}`, '-DCMAKE_EXE_LINKER_FLAGS=-static'];
  const { ok, folder, output } = await build('native-aarch64', [...system, ...toolchain]);
  const emulated = [EMULATOR, join(folder, 'trainer')];
  if (ok) return Promise.all(['neon', 'reference'].map((isa) => selftest(emulated, isa, env)));
  process.stdout.write(output);
  return [{ passed: 0, failed: 1, skips: [] }];
}

const VARIANTS = [
  { name: 'the trainer built by clang', needs: ['clang++'], test: byClang },
  { name: 'the trainer on aarch64', needs: [CROSS_COMPILER, EMULATOR], test: forAarch64 },
];

/**
 * Builds and tests every variant this machine has the tools for; answers {passed, failed, skips}. `build(name, options)`
 * compiles into build/<name> with these options of CMake and answers {ok, output, folder}.
 */
export async function otherCompilers(build, env) {
  const total = { passed: 0, failed: 0, skips: [] };
  for (const { name, needs, test } of VARIANTS) {
    const missing = needs.filter((program) => !isThere(program));
    process.stdout.write(`${name}${missing.length > 0 ? ': skipped' : ''}\n`);
    const parts = missing.length > 0 ? [] : await test(build, env);
    for (const part of parts) {
      total.passed += part.passed;
      total.failed += part.failed;
      total.skips.push(...part.skips.map((skip) => ({ ...skip, name: `${name}, ${skip.name}` })));
    }
    if (missing.length > 0) total.skips.push({ name, cause: `${missing.join(' and ')} not found on this machine` });
  }
  return total;
}
