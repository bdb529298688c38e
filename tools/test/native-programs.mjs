// The native test programs of one build folder: each ends with the line `N passed, N failed` and names every test it
// left out as `SKIPPED: name: cause`.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';

async function nativeProgram(folder, program, env) {
  const { code, text } = await run(join(folder, program), [], { cwd: folder, env });
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(text) ?? [];
  const skips = [...text.matchAll(/^SKIPPED: ([^:\n]+): (.+)$/gm)].map(([, name, cause]) => ({ name, cause }));
  if (passed === undefined || (code !== 0 && failed === '0')) {
    process.stdout.write(`${program} ended with ${code} and no closing line that explains it\n`);
    return { passed: Number(passed ?? 0), failed: Number(failed ?? 0) + 1, skips };
  }
  return { passed: Number(passed), failed: Number(failed), skips };
}

/** Runs every test program of a build folder; answers {passed, failed, skips}. A folder without any is a failure. */
export async function nativePrograms(folder, env) {
  const programs = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('_tests')).sort();
  const total = { passed: 0, failed: programs.length === 0 ? 1 : 0, skips: [] };
  for (const program of programs) {
    process.stdout.write(`${program}: `);
    const part = await nativeProgram(folder, program, env);
    total.passed += part.passed;
    total.failed += part.failed;
    total.skips.push(...part.skips);
  }
  if (programs.length === 0) process.stdout.write(`no test program in ${folder}\n`);
  return total;
}
