// The stand-alone verifier of exports to build/verifier/verify.mjs, by Vite out of the compiled TypeScript: again only when what it
// may be made of changed.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, hashOf, readJson, writeStamp } from './stamp.mjs';
import { runLogged, StepFailed } from './step.mjs';

const PACKAGES = ['vite', 'rolldown', 'zod'];
/** Neither the doors nor the terminal goes in. */
const LEFT_OUT = /^(dashboard|doors|graphql|store|terminal)\/|\.spec\.ts$/;

export async function buildVerifier(root, announce) {
  const output = join(root, 'build', 'verifier', 'verify.mjs');
  const stampPath = join(root, 'build', 'verifier.json');
  const setup = join(root, 'tools', 'setup');
  const names = filesUnder(join(root, 'src')).filter((name) => !LEFT_OUT.test(name));
  const versions = PACKAGES.map((name) => readJson(join(root, 'node_modules', name, 'package.json'))?.version);
  const hash = hashOf(join(root, 'src'), names, [versions, hashOf(setup, ['verifier.config.mjs'], [])]);
  if (readJson(stampPath)?.hash === hash && existsSync(output)) return 'up to date';

  announce('building');
  rmSync(stampPath, { force: true });
  const config = join(setup, 'verifier.config.mjs');
  const vite = [process.execPath, join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', config];
  const { ok } = await runLogged(join(root, 'build', 'log', 'verifier.log'), vite, { cwd: root });
  if (!ok)
    throw new StepFailed('The verifier of exports could not be built.', {
      log: join(root, 'build', 'log', 'verifier.log'),
      fix: 'correct the lines named above',
    });
  writeStamp(stampPath, { hash });
  return 'built';
}
