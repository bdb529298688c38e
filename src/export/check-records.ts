import { auditStream } from '#audit/domain/audit.js';
import type { Entry } from '#audit/domain/entry.js';
import type { Finding } from '#audit/domain/finding.js';
import { inspectedHere } from '#audit/inspection.js';
import { BLOCK } from '#audit/inspector.js';
import { judgeFindings } from '#audit/judge-findings.js';
import { Reading } from '#audit/reading.js';
import { allEvents } from '#event-catalogue.js';
import type { Checkpoint } from '#ledger/checkpoint.js';
import { streamName } from '#ledger/ledger.js';
import { positionsIn, type Manifest } from './domain/manifest.js';
import type { Tree } from './check-tiles.js';
import type { ExportFiles } from './export-files.js';
import type { Line } from './exported-log.js';

const HASH_BYTES = 32;

export type CheckedRecords = Readonly<{
  lines: readonly Line[];
  reading: Reading;
  findings: readonly Finding[];
}>;

type Signed = Readonly<{ tree: Tree; checkpoint: Checkpoint }>;

const leafAt = (leaves: Uint8Array, index: number): Uint8Array =>
  leaves.subarray(HASH_BYTES * index, HASH_BYTES * (index + 1));

/** The first record that is not the one its place has in the log, and what happened to it. */
const firstForeign = (own: Uint8Array, signed: Uint8Array, positions: readonly number[]): readonly Finding[] => {
  const count = own.length / HASH_BYTES;
  const isAt = (at: number, position: number | undefined): boolean =>
    position !== undefined && at < count && Buffer.compare(leafAt(own, at), leafAt(signed, position - 1)) === 0;
  const counts = `${count} records are here, ${positions.length} belong here`;
  for (const [at, position] of positions.entries()) {
    if (isAt(at, position)) continue;
    if (at >= count) return [{ position, kind: 'truncation', message: counts }];
    if (isAt(at, positions[at + 1])) return [{ position, kind: 'gap', message: 'the record was removed here' }];
    if (isAt(at + 1, position))
      return [{ position, kind: 'insertion', message: 'a record was added here that the log has not' }];
    return [{ position, kind: 'byte change', message: 'the bytes are not those that the log has here' }];
  }
  if (count === positions.length) return [];
  return [{ position: (positions.at(-1) ?? 0) + 1, kind: 'insertion', message: counts }];
};

/** The lines as entries of a log, some at a time. */
async function* entriesOf(files: ExportFiles, places: Manifest['places']): AsyncGenerator<readonly Entry[]> {
  const positions = positionsIn(places);
  let [batch, last]: [Entry[], number] = [[], 0];
  for await (const bytes of files.lines()) {
    // Beyond the last place each stands behind the one before it.
    last = positions.next().value ?? last + 1;
    batch.push({ position: last, bytes, fits: () => true });
    if (batch.length < BLOCK) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/**
 * Canonical bytes, shapes, revisions, causes; and that each record stands in its place of the signed tree. The tiles hold every
 * leaf of it and were seen to have its root, so that a leaf among them needs no path of its own.
 */
export const checkRecords = async (
  files: ExportFiles,
  { scope, places }: Manifest,
  { tree, checkpoint }: Signed,
  onRecords: (count: number) => void,
): Promise<CheckedRecords> => {
  const whole = scope.kind === 'log';
  const fromStart = scope.kind !== 'range';
  // Of what was erased a run's export has those records that say so of its own artifacts.
  const inParts = scope.kind === 'run' ? [streamName(auditStream, '')] : [];
  const reading = new Reading(whole, { position: 0, streams: {}, fromStart, inParts });
  const lines: Line[] = [];
  for await (const { entries, seen } of inspectedHere(allEvents)(entriesOf(files, places))) {
    reading.take(entries, seen);
    lines.push(...entries.map(({ position, bytes }) => ({ position, bytes })));
    onRecords(lines.length);
  }
  if (whole) {
    const { size, root } = checkpoint;
    const signed = { size, root: Buffer.from(root).toString('hex'), by: 'the signed checkpoint' };
    const findings = judgeFindings(reading, { leaves: tree.leaves, heads: [...reading.heads, signed] });
    return { lines, reading, findings };
  }
  const provable = tree.findings.length === 0;
  const foreign = provable ? firstForeign(reading.tape.leaves, tree.leaves, [...positionsIn(places)]) : [];
  return { lines, reading, findings: foreign.length > 0 ? foreign : reading.findings };
};
