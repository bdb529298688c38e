// The page to build/dashboard, by Vite: again only when one of its sources, or a package that goes into it, changed.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, hashOf, readJson, writeStamp } from './stamp.mjs';
import { runLogged, StepFailed } from './step.mjs';

const PACKAGES = ['vite', 'react', 'react-dom', '@observablehq/plot', 'zod'];
/** What the page is made of: its own files, and the pure ones that it judges with. */
const SOURCE = /^dashboard\/ui\/|\/domain\/|^ledger\//;

export async function buildPage(root, announce) {
  const source = join(root, 'src');
  const output = join(root, 'build', 'dashboard');
  const stampPath = join(root, 'build', 'dashboard.json');
  const config = join(root, 'tools', 'setup', 'vite.config.mjs');
  const names = filesUnder(source).filter((name) => SOURCE.test(name) && !name.endsWith('.spec.ts'));
  const versions = PACKAGES.map((name) => readJson(join(root, 'node_modules', name, 'package.json'))?.version);
  const hash = hashOf(source, names, [versions, hashOf(join(root, 'tools', 'setup'), ['vite.config.mjs'], [])]);
  if (readJson(stampPath)?.hash === hash && existsSync(join(output, 'index.html'))) return 'up to date';

  announce('building');
  rmSync(stampPath, { force: true });
  const log = join(root, 'build', 'log', 'page.log');
  const vite = [process.execPath, join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', config];
  const { ok } = await runLogged(log, vite, { cwd: root });
  if (!ok) throw new StepFailed('The page could not be built.', { log, fix: 'correct the lines named above' });
  writeStamp(stampPath, { hash });
  return 'built';
}
