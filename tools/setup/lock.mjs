// One set-up at a time per checkout. The lock is a file that appears whole (hard link), names its holder, and is touched
// while held, so a holder that was killed, or that lives on another machine and went silent, is told from a busy one.
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TOUCH_MS = 2_000;
const SILENT_MS = 30_000;

/** When the process began, in kernel ticks: tells a process from a later one with the same number (Linux only). */
function startedAt(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[19];
  } catch {
    return null;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isStale(path, text) {
  try {
    const holder = JSON.parse(text);
    if (holder.host === hostname()) return !alive(holder.pid) || holder.started !== startedAt(holder.pid);
    return Date.now() - statSync(path).mtimeMs > SILENT_MS;
  } catch (error) {
    return error instanceof SyntaxError;
  }
}

function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Takes a stale lock out of the way; one that changed hands in between is put back. */
function clearStale(path, text) {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== text) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
    rmSync(aside, { force: true });
  }
}

/** Waits for the lock and answers the function that gives it back. `onWait(pid)` is called once if another holds it. */
export async function takeLock(path, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    started: startedAt(process.pid),
    id: randomUUID(),
  });
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, mine);
  try {
    for (let waited = false; ;) {
      try {
        linkSync(draft, path);
        break;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const theirs = readOrNull(path);
      if (theirs === null) continue;
      if (isStale(path, theirs)) {
        clearStale(path, theirs);
        continue;
      }
      if (!waited) onWait(JSON.parse(theirs).pid);
      waited = true;
      await sleep(200);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const touch = setInterval(() => {
    const now = new Date();
    utimesSync(path, now, now);
  }, TOUCH_MS);
  touch.unref();
  return () => {
    clearInterval(touch);
    if (readOrNull(path) === mine) rmSync(path, { force: true });
  };
}
