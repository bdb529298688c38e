#!/usr/bin/env node
// From a fresh clone to something that runs: checks the machine, installs packages by lockfile, builds the native
// trainer, the TypeScript and the page. Every step is skipped when it is up to date. Plain Node: it runs before any
// package is there.
import { realpathSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './setup/lock.mjs';
import { buildNative } from './setup/native.mjs';
import { buildPage } from './setup/page.mjs';
import { installPackages } from './setup/packages.mjs';
import { checkPrerequisites, installLine } from './setup/prerequisites.mjs';
import { report, step, StepFailed } from './setup/step.mjs';
import { buildTypeScript } from './setup/typescript.mjs';
import { buildVerifier } from './setup/verifier.mjs';
import { buildViews } from './setup/views.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DISK_NEEDED = 2e9;

function requireAll(checks) {
  const missing = checks.filter((check) => !check.ok);
  if (missing.length === 0) return checks.map(({ name, version }) => `${name} ${version}`).join(', ');
  const lines = missing.map(({ name, version, need }) => `  ${name}: needs ${need}, found ${version ?? 'none'}`);
  throw new StepFailed(`Missing on this machine:\n${lines.join('\n')}`, { fix: installLine(checks) });
}

function diskNote() {
  const { bavail, bsize } = statfsSync(ROOT);
  const free = bavail * bsize;
  return free < DISK_NEEDED ? `only ${(free / 1e9).toFixed(1)} GB free, 2 GB advised` : null;
}

async function lockCheckout(root) {
  const onWait = (pid) => process.stderr.write(`  waiting for another set-up of this folder (process ${pid})\n`);
  try {
    return await takeLock(join(root, 'build', 'setup.lock'), onWait);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(error.code)) throw error;
    const fix = error.code === 'ENOSPC' ? 'free 2 GB of disk space' : 'run as its owner, or clone a copy of your own';
    throw new StepFailed(`Nothing can be written in ${root} (${error.code}).`, { fix });
  }
}

/** Brings the checkout up to date; throws StepFailed with the fix when it cannot. */
export async function setUp(root = ROOT) {
  process.stderr.write('Set-up\n');
  const checks = await checkPrerequisites();
  await step('prerequisites', async () => requireAll(checks));
  const note = diskNote();
  if (note !== null) process.stderr.write(`  disk … ${note}\n`);
  const release = await lockCheckout(root);
  try {
    await step('packages', (announce) => installPackages(root, announce));
    await step('native trainer', (announce) => buildNative(root, checks, announce));
    await step('TypeScript', (announce) => buildTypeScript(root, announce));
    await step('read models', (announce) => buildViews(root, announce));
    await step('verifier', (announce) => buildVerifier(root, announce));
    await step('page', (announce) => buildPage(root, announce));
  } finally {
    release();
  }
}

const typed = process.argv[1];
if (typed !== undefined && realpathSync(typed) === fileURLToPath(import.meta.url)) {
  try {
    await setUp();
  } catch (error) {
    process.exitCode = report(error);
  }
}
