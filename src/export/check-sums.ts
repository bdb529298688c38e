import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { sha256 } from '#ledger/digest.js';
import { artifactPath, FILES } from './domain/manifest.js';
import type { ExportFinding } from './domain/report.js';
import type { ExportFiles } from './export-files.js';

const LINE = /^([0-9a-f]{64})  ([A-Za-z0-9./_-]+)$/;

/** Names of the artifacts that an export says it holds. */
export const artifactNames = async (files: ExportFiles): Promise<readonly string[]> => {
  const lines = ((await files.read(FILES.sums))?.toString('utf8') ?? '').split('\n');
  return lines.flatMap((line) => {
    const [, sum = '', path = ''] = LINE.exec(line) ?? [];
    return path.startsWith('artifacts/') ? [sum] : [];
  });
};

const sumOf = async (path: string): Promise<string | undefined> => {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  return hash.digest('hex');
};

const finding = (kind: 'file missing' | 'file changed', message: string): ExportFinding => ({
  position: null,
  kind,
  message,
});

/** Artifacts are hashed where the records are read, which can say who names them; here only that they are there. */
const wrongArtifact = async (files: ExportFiles, path: string, sum: string): Promise<ExportFinding | undefined> => {
  if (path !== artifactPath(sum)) return finding('file changed', `${FILES.sums}: ${path} is not the place of ${sum}`);
  return (await files.artifacts.has(sum)) ? undefined : finding('file missing', path);
};

const wrongFile = async (files: ExportFiles, line: string): Promise<ExportFinding | undefined> => {
  const [, sum = '', path = ''] = LINE.exec(line) ?? [];
  if (path === '' || path.split('/').some((part) => /^\.*$/.test(part)))
    return finding('file changed', `${FILES.sums}: "${line.slice(0, 100)}" is no line of it`);
  if (path.startsWith('artifacts/')) return wrongArtifact(files, path, sum);
  const actual = await sumOf(join(files.folder, path));
  if (actual === undefined) return finding('file missing', path);
  return actual === sum ? undefined : finding('file changed', `${path}: SHA-256 is ${actual}, was ${sum}`);
};

/** Holds the files against the sums beside them: what was damaged on the way, and not what somebody forged. */
export const checkSums = async (files: ExportFiles): Promise<readonly ExportFinding[]> => {
  const sums = await files.read(FILES.sums);
  if (!sums) return [finding('file missing', FILES.sums)];
  const found: ExportFinding[] = [];
  for (const line of sums.toString('utf8').replace(/\n$/, '').split('\n')) {
    const wrong = await wrongFile(files, line);
    if (wrong) found.push(wrong);
  }
  return found;
};

/** The verifier that was put in, where it still is: any other copy of it may check the export as well. */
export const checkVerifier = async (files: ExportFiles, expected: string): Promise<readonly ExportFinding[]> => {
  const bytes = await files.read(FILES.verifier);
  const actual = bytes && sha256(bytes);
  if (actual === undefined || actual === expected) return [];
  return [finding('file changed', `${FILES.verifier}: SHA-256 is ${actual}, was ${expected}`)];
};
