// npm packages, exactly as the lockfile says. Install scripts never run: everything needed is inside the packages, and
// one of those scripts would download several hundred megabytes of CUDA libraries.
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { npmCommand } from './prerequisites.mjs';
import { readJson } from './stamp.mjs';
import { runLogged, StepFailed } from './step.mjs';

const REASONS = [
  [/ENOSPC/, 'free 2 GB of disk space'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|network/i,
    'check the network: npm must reach its registry (a proxy is set with `npm config set proxy`)',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_GET_ISSUER|certificate/i,
    'point npm at your company certificate: `npm config set cafile FILE`',
  ],
  [/EACCES|EPERM/, 'run as the user who owns this folder and ~/.npm'],
  [/EINTEGRITY/, 'clear a damaged cache: `npm cache clean --force`'],
  [/in sync/, 'restore package-lock.json: `git checkout package.json package-lock.json`'],
];

/**
 * npm's own record of an install agrees with the lockfile, and every package is there: whoever installed them, by this
 * set-up or by typing `npm ci`, nothing is left to do.
 */
function complete(root) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const present = existsSync(join(root, path, 'package.json'));
    if (installed[path] === undefined) return (entry.optional || entry.devOptional) === true && !present;
    return present && installed[path].version === entry.version && installed[path].integrity === entry.integrity;
  });
}

/** A user without a home of their own (a service account) gets a cache inside the checkout. */
function writableCache(root) {
  const cache = process.env.npm_config_cache ?? join(homedir(), '.npm');
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return cache;
  } catch {
    return join(root, 'build', 'npm-cache');
  }
}

export async function installPackages(root, announce) {
  if (complete(root)) return 'up to date';
  announce('npm ci, about half a minute');
  const log = join(root, 'build', 'log', 'npm-ci.log');
  const flags = [
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const env = { ...process.env, npm_config_cache: writableCache(root), ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const { ok, output } = await runLogged(log, [...npmCommand(), 'ci', ...flags], { cwd: root, env });
  if (ok && complete(root)) return 'installed';
  const fix = REASONS.find(([pattern]) => pattern.test(output))?.[1] ?? 'run it again; if it fails again, see the log';
  throw new StepFailed('npm could not install the packages.', { log, fix });
}
