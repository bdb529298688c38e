import { spawn } from 'node:child_process';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Notary } from '#audit/notary.js';
import type { Report } from '#export/domain/report.js';
import { sha256 } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import type { Signer } from '#ledger/note.js';
import { canonicalJson, type Record } from '#ledger/record.js';
import { MemoryLog } from '#store/memory-log.js';
import { TileFolder } from '#store/tile-folder.js';
import type { Ended } from './command-line.js';

/** Runs the verifier of an export where nothing but Node.js is known. */
export const runVerifier = (file: string, ...words: readonly string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...words], { cwd: '/', env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });

export type Verified = Readonly<{ code: number | null; report: Report }>;

/** What the verifier in an export says of it. */
export const verify = async (folder: string, ...words: readonly string[]): Promise<Verified> => {
  const { code, stdout, stderr } = await runVerifier(join(folder, 'verify.mjs'), '--json', ...words);
  if (stdout === '') throw new Error(`nothing was said: ${stderr}`);
  return { code, report: JSON.parse(stdout) as Report };
};

/** First bad position and kind, as a script would ask for them. */
export const firstBad = ({ code, report }: Verified) => {
  const [first] = report.findings;
  return { code, position: first?.position, kind: first?.kind };
};

export const copyOf = async (folder: string, copy: string): Promise<string> => {
  await rm(copy, { recursive: true, force: true });
  await cp(folder, copy, { recursive: true });
  return copy;
};

export const filesIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
};

/** One bit of one byte. */
export const flip = async (path: string, at: (bytes: Buffer) => number): Promise<void> => {
  const bytes = await readFile(path);
  const place = at(bytes);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(path, bytes);
};

export const recordsOf = async (folder: string): Promise<readonly Record[]> =>
  (await readFile(join(folder, 'records.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record);

/** Sums of whatever the files are now. */
export const sumAgain = async (folder: string): Promise<void> => {
  const lines: string[] = [];
  for (const path of await filesIn(folder))
    if (path !== 'SHA256SUMS' && path !== 'verify.mjs')
      lines.push(`${sha256(await readFile(join(folder, path)))}  ${path}\n`);
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
};

/** An export of other records, with all its hashes made anew and signed: what the owner of a log could make. */
export const forge = async (folder: string, records: readonly Record[], signer: Signer): Promise<void> => {
  const log = new MemoryLog();
  for (const { stream, revision: _revision, ...proposed } of records) await log.append(stream, 'any', [proposed]);
  await rm(join(folder, 'tile'), { recursive: true });
  await rm(join(folder, 'checkpoint'));
  await new Notary(new TileFolder(folder), async () => signer).advance(log);
  await rm(join(folder, 'place'));
  await rm(join(folder, 'tile', 'entries'), { recursive: true });
  const written = (await collect(log.readAll())).map((record) => `${canonicalJson(record)}\n`);
  await writeFile(join(folder, 'records.jsonl'), written.join(''));
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...manifest, places: [[1, records.length]] }));
  await sumAgain(folder);
};
