// The native tests once more with every access, every operation and every shared byte watched: what is undefined may give
// the right bits on one machine and others on the next.
import { nativePrograms } from './native-programs.mjs';

const SANITIZERS = [
  { name: 'address and undefined behaviour', folder: 'native-address', flags: 'address,undefined' },
  { name: 'threads', folder: 'native-thread', flags: 'thread' },
];

/** `build(name, options)` compiles into build/<name> and answers {ok, output, folder}; answers {passed, failed, skips}. */
export async function sanitizers(build, env) {
  const total = { passed: 0, failed: 0, skips: [] };
  for (const { name, folder, flags } of SANITIZERS) {
    process.stdout.write(`${name}\n`);
    // what nvcc compiles is watched by none of them
    const built = await build(folder, [`-DTRAINER_SANITIZE=${flags}`, '-DTRAINER_CUDA=OFF']);
    const part = built.ok ? await nativePrograms(built.folder, env) : { passed: 0, failed: 1, skips: [] };
    if (!built.ok) process.stdout.write(built.output);
    total.passed += part.passed;
    total.failed += part.failed;
    total.skips.push(...part.skips.map((skip) => ({ ...skip, name: `${name}, ${skip.name}` })));
  }
  return total;
}
