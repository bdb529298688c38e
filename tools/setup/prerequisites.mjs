// What must be on the machine before the first npm package is: found in parallel, in well under a second, so that
// one message can name everything that is missing. Read by setup.mjs and doctor.mjs; needs no package itself.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

export const OLDEST_NODE = [20, 19];
export const OLDEST_NPM = [9, 0];
export const OLDEST_CMAKE = [3, 20];

/** Runs a program and answers its exit code and text; a program that is not there answers `found: false`. */
function probe(program, args, input = '') {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ found: error?.code !== 'ENOENT', ok: error === null, text: `${stdout}${stderr}` });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

const numbers = (version) => version.split('.').map((part) => Number.parseInt(part, 10));
const atLeast = (version, [major, minor]) => {
  const [a = 0, b = 0] = numbers(version);
  return a > major || (a === major && b >= minor);
};
const versionIn = (text) => /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'unknown';

/** The npm that runs us where there is one, so that a second npm on the PATH is never mixed in. */
export function npmCommand() {
  const running = process.env.npm_execpath;
  return running?.endsWith('npm-cli.js') && existsSync(running) ? [process.execPath, running] : ['npm'];
}

export const compiler = () => process.env.CXX || 'g++';

function checkNode() {
  const version = process.versions.node;
  const ok = atLeast(version, OLDEST_NODE);
  return { name: 'Node.js', ok, version, need: `>= ${OLDEST_NODE.join('.')}`, apt: ['nodejs'] };
}

async function checkNpm() {
  const [program, ...args] = npmCommand();
  const answer = await probe(program, [...args, '--version']);
  const version = answer.ok ? versionIn(answer.text) : null;
  const ok = version !== null && atLeast(version, OLDEST_NPM);
  return { name: 'npm', ok, version, need: `>= ${OLDEST_NPM[0]}`, apt: version === null ? ['npm'] : [] };
}

async function checkCompiler() {
  const program = compiler();
  const source = '#include <bit>\n#include <concepts>\n#include <span>\nint main() { return std::popcount(0u); }\n';
  const [version, compiles] = await Promise.all([
    probe(program, ['-dumpfullversion', '-dumpversion']),
    probe(program, ['-std=c++20', '-fsyntax-only', '-x', 'c++', '-'], source),
  ]);
  const found = version.found && version.ok ? versionIn(version.text) : null;
  return { name: program, ok: compiles.ok, version: found, need: 'a C++20 compiler with its headers', apt: ['g++'] };
}

async function checkCmake() {
  const answer = await probe('cmake', ['--version']);
  const version = answer.ok ? versionIn(answer.text) : null;
  const ok = version !== null && atLeast(version, OLDEST_CMAKE);
  return { name: 'cmake', ok, version, need: `>= ${OLDEST_CMAKE.join('.')}`, apt: ['cmake'] };
}

async function checkBuilder() {
  const [ninja, make] = await Promise.all([probe('ninja', ['--version']), probe('make', ['--version'])]);
  const name = ninja.ok ? 'ninja' : 'make';
  const version = ninja.ok ? versionIn(ninja.text) : make.ok ? versionIn(make.text) : null;
  return { name, ok: version !== null, version, need: 'make or ninja', apt: ['make'] };
}

/** Every prerequisite as {name, ok, version | null, need, apt}, in the order in which a person would install them. */
export function checkPrerequisites() {
  return Promise.all([checkNode(), checkNpm(), checkCompiler(), checkCmake(), checkBuilder()]);
}

/** One command line that installs all that is missing, or null when nothing is. */
export function installLine(checks) {
  const missing = checks.filter((check) => !check.ok);
  if (missing.length === 0) return null;
  if (process.platform === 'darwin') return 'xcode-select --install; brew install node cmake';
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  const packages = [...new Set(missing.flatMap((check) => check.apt))];
  const npmTooOld = missing.some((check) => check.name === 'npm' && check.version !== null);
  const steps = [];
  if (packages.includes('nodejs')) {
    steps.push(`curl -fsSL https://deb.nodesource.com/setup_22.x | ${sudo ? 'sudo -E ' : ''}bash -`);
  } else if (packages.length > 0) {
    steps.push(`${sudo}apt-get update`);
  }
  const fromApt = packages.includes('nodejs') ? packages.filter((name) => name !== 'npm') : packages;
  if (fromApt.length > 0) steps.push(`${sudo}apt-get install -y ${fromApt.join(' ')}`);
  if (npmTooOld && !packages.includes('nodejs')) steps.push(`${sudo}npm install -g npm@11`);
  return steps.join(' && ');
}
