import type { Artifacts } from '#ledger/artifacts.js';
import type { Log } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';
import { artifactNames } from './check-sums.js';
import type { Line } from './exported-log.js';
import type { ExportFiles } from './export-files.js';

/** Appends that share a flush of the disk. */
const TOGETHER = 256;

const decoder = new TextDecoder();

const append = (log: Log, { bytes }: Line): Promise<unknown> => {
  const { stream, revision, ...proposed } = JSON.parse(decoder.decode(bytes)) as Record;
  return log.append(stream, revision === 0 ? 'no-stream' : revision - 1, [proposed]);
};

/** Puts the artifacts and the records of a checked export of a whole log into an empty one, in their order. */
export const takeExport = async (
  { log, artifacts }: Readonly<{ log: Log; artifacts: Artifacts }>,
  files: ExportFiles,
  lines: readonly Line[],
  onProgress: (what: string) => void,
): Promise<number> => {
  const names = await artifactNames(files);
  for (const [at, name] of names.entries()) {
    await artifacts.put(await files.artifacts.get(name));
    onProgress(`${at + 1} of ${names.length} artifacts`);
  }
  for (let at = 0; at < lines.length; at += TOGETHER) {
    await Promise.all(lines.slice(at, at + TOGETHER).map((line) => append(log, line)));
    onProgress(`${Math.min(at + TOGETHER, lines.length)} of ${lines.length} records`);
  }
  return names.length;
};
