// The trainer in C++: configured and built by CMake into build/native, again only when a source, the compiler or the
// place of the checkout changed.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { delimiter, join } from 'node:path';
import { filesUnder, hashOf, readJson, writeStamp } from './stamp.mjs';
import { runLogged, StepFailed } from './step.mjs';

const BYTES_PER_COMPILER = 700e6;

/** What the build left behind, by size and time: what was deleted, cut short or built by hand is built again. */
function products(folder) {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const built = files.filter(({ name }) => /[.](node|so)$/.test(name) || !/[.]/.test(name)).map(({ name }) => name);
  return Object.fromEntries(
    built.sort().map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return [name, [size, mtimeMs]];
    }),
  );
}

/** A build folder that was copied along with the checkout, or made by another generator, cannot be used by CMake. */
function clearForeignBuild(folder, source, generator) {
  const cache = join(folder, 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const text = readFileSync(cache, 'utf8');
  const has = (line) => text.split('\n').includes(line);
  if (has(`CMAKE_HOME_DIRECTORY:INTERNAL=${source}`) && has(`CMAKE_GENERATOR:INTERNAL=${generator}`)) return;
  rmSync(folder, { recursive: true, force: true });
}

/** Configures and builds native/ into build/<name>; answers {ok, output, folder, log}. */
export async function compileNative(root, name, checks, options = []) {
  const source = join(root, 'native');
  const folder = join(root, 'build', name);
  const generator = checks.some((check) => check.name === 'ninja') ? 'Ninja' : 'Unix Makefiles';
  clearForeignBuild(folder, source, generator);
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / BYTES_PER_COMPILER)));
  const log = join(root, 'build', 'log', `${name}.log`);
  const configure = [
    'cmake',
    '-S',
    source,
    '-B',
    folder,
    '-G',
    generator,
    '-DCMAKE_BUILD_TYPE=Release',
    '-DTRAINER_CUDA=AUTO',
    ...options,
  ];
  const build = ['cmake', '--build', folder, '--parallel', String(jobs)];
  const configured = await runLogged(log, configure, { cwd: root });
  const { ok, output } = configured.ok ? await runLogged(log, build, { cwd: root, append: true }) : configured;
  return { ok, output, folder, log };
}

/** Where the plugin's compiler is: what is built changes when it comes or goes. */
export function nvccPlace() {
  const { PATH = '', CUDA_HOME = '' } = process.env;
  const folders = [...PATH.split(delimiter), join(CUDA_HOME, 'bin'), '/usr/local/cuda/bin'];
  return folders.map((folder) => join(folder, 'nvcc')).find((path) => existsSync(path)) ?? null;
}

export async function buildNative(root, checks, announce) {
  const source = join(root, 'native');
  const folder = join(root, 'build', 'native');
  const stampPath = join(folder, '.prometheus-ledger.json');
  const { CXX = '', CXXFLAGS = '', LDFLAGS = '' } = process.env;
  const toolVersions = checks
    .filter(({ name }) => !['Node.js', 'npm'].includes(name))
    .map(({ name, version }) => [name, version]);
  const headers = readJson(join(root, 'node_modules', 'node-api-headers', 'package.json'))?.version;
  const wrapper = readJson(join(root, 'node_modules', 'node-addon-api', 'package.json'))?.version;
  const facts = [root, process.arch, toolVersions, CXX, CXXFLAGS, LDFLAGS, headers, wrapper, nvccPlace()];
  const hash = hashOf(source, filesUnder(source), facts);
  const stamp = readJson(stampPath);
  if (stamp?.hash === hash && JSON.stringify(stamp.products) === JSON.stringify(products(folder))) return 'up to date';

  announce('compiling, a minute or two the first time');
  rmSync(stampPath, { force: true });
  const { ok, output, log } = await compileNative(root, 'native', checks);
  if (!ok) throw new StepFailed('The native trainer could not be built.', { log, fix: fixFor(output, folder) });
  writeStamp(stampPath, { hash, products: products(folder) });
  return 'built';
}

function fixFor(output, folder) {
  if (/No space left/.test(output)) return 'free 2 GB of disk space';
  if (/Killed|out of memory|cannot allocate/i.test(output))
    return 'memory ran out: close other programs and run it again';
  if (/Permission denied/.test(output)) return `run as the user who owns ${folder}`;
  return `delete "${folder}" and run it again; if it fails again, the log names the source line`;
}
