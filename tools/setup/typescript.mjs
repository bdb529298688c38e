// TypeScript to dist/ and build/test/, incrementally; that of the page is checked here and built by Vite. Compiled files
// whose source is gone are removed, or a deleted test would go on running.
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder } from './stamp.mjs';
import { runLogged, StepFailed } from './step.mjs';

const PROJECTS = [
  { source: 'src', output: 'dist' },
  { source: 'test', output: 'build/test' },
];
const PAGE = join('dashboard', 'ui');
const COMPILED = /\.(?:js|js\.map|d\.ts|d\.ts\.map)$/;

/** Removes leftovers and says whether a compiled file is missing, which the compiler's own bookkeeping would not see. */
function tidy(root, { source, output }) {
  const sources = filesUnder(join(root, source)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.startsWith(PAGE),
  );
  const stems = new Set(sources.map((name) => name.slice(0, -'.ts'.length)));
  mkdirSync(join(root, output), { recursive: true });
  for (const name of filesUnder(join(root, output))) {
    if (COMPILED.test(name) && !stems.has(name.replace(COMPILED, ''))) rmSync(join(root, output, name));
  }
  return [...stems].some((stem) => !existsSync(join(root, output, `${stem}.js`)));
}

const builtAt = (root) =>
  [join(root, 'tsconfig.tsbuildinfo'), join(root, 'build', 'test', 'tsconfig.tsbuildinfo')]
    .map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs)
    .join();

export async function buildTypeScript(root, announce) {
  const incomplete = PROJECTS.map((project) => tidy(root, project)).some(Boolean);
  if (incomplete) announce('compiling');
  const before = builtAt(root);
  const log = join(root, 'build', 'log', 'typescript.log');
  const compile = [process.execPath, join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc'), '-b'];
  const command = [...compile, ...(incomplete ? ['--force'] : []), root, join(root, 'test'), join(root, 'src', PAGE)];
  const { ok } = await runLogged(log, command, { cwd: root });
  if (!ok)
    throw new StepFailed('The TypeScript sources do not compile.', { log, fix: 'correct the lines named above' });
  return incomplete || builtAt(root) !== before ? 'built' : 'up to date';
}
