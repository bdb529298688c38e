// A stamp says which inputs a finished step was made from: same hash, nothing to do.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

export function writeStamp(path, stamp) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(stamp)}\n`);
}

/** All files under `folder`, as sorted paths relative to it. */
export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();
}

/** SHA-256 over names and bytes of files, and over further facts the result depends on. */
export function hashOf(folder, names, facts) {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const name of names) {
    const bytes = readFileSync(join(folder, name));
    hash.update(`\n${name}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}
