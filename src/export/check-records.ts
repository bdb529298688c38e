import type { Finding } from '#audit/domain/finding.js';
import { judgeFindings } from '#audit/judge-findings.js';
import { Reading } from '#audit/reading.js';
import { allEvents } from '#event-catalogue.js';
import type { Checkpoint } from '#ledger/checkpoint.js';
import { inclusionProof, ProofInvalid, verifyInclusion } from '#ledger/proof.js';
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
const firstForeign = async (
  { lines, reading: { tape } }: Omit<CheckedRecords, 'findings'>,
  positions: readonly number[],
  { tree, checkpoint }: Signed,
): Promise<readonly Finding[]> => {
  const own = (at: number): Uint8Array => leafAt(tape.leaves, at);
  const isAt = async (at: number, position: number | undefined): Promise<boolean> => {
    if (position === undefined || at >= lines.length) return false;
    const place = { index: position - 1, size: checkpoint.size };
    try {
      verifyInclusion(place, own(at), await inclusionProof(tree.nodes, place.index, place.size), checkpoint.root);
      return true;
    } catch (error) {
      if (error instanceof ProofInvalid) return false;
      throw error;
    }
  };
  for (const [at, position] of positions.entries()) {
    if (await isAt(at, position)) continue;
    if (at >= lines.length)
      return [
        { position, kind: 'truncation', message: `${lines.length} records are here, ${positions.length} belong here` },
      ];
    if (await isAt(at, positions[at + 1])) return [{ position, kind: 'gap', message: 'the record was removed here' }];
    if (await isAt(at + 1, position))
      return [{ position, kind: 'insertion', message: 'a record was added here that the log has not' }];
    return [{ position, kind: 'byte change', message: 'the bytes are not those that the log has here' }];
  }
  if (lines.length === positions.length) return [];
  const message = `${lines.length} records are here, ${positions.length} belong here`;
  return [{ position: (positions.at(-1) ?? 0) + 1, kind: 'insertion', message }];
};

/** Canonical bytes, shapes, revisions, causes; and that each record stands in the signed tree, where the tree can be read. */
export const checkRecords = async (
  files: ExportFiles,
  { scope, places }: Manifest,
  { tree, checkpoint }: Signed,
  onRecords: (count: number) => void,
): Promise<CheckedRecords> => {
  const whole = scope.kind === 'log';
  const positions = [...positionsIn(places)];
  const reading = new Reading(allEvents, whole, scope.kind !== 'range');
  const lines: Line[] = [];
  for await (const bytes of files.lines()) {
    // Beyond the last place each stands behind the one before it.
    const position = positions[lines.length] ?? (lines.at(-1)?.position ?? 0) + 1;
    reading.take({ position, bytes, fits: () => true });
    lines.push({ position, bytes });
    if (lines.length % 1000 === 0) onRecords(lines.length);
  }
  if (whole) {
    const { size, root } = checkpoint;
    const signed = { size, root: Buffer.from(root).toString('hex'), by: 'the signed checkpoint' };
    const findings = judgeFindings(reading, { leaves: tree.leaves, heads: [...reading.heads, signed] });
    return { lines, reading, findings };
  }
  const provable = tree.findings.length === 0;
  const foreign = provable ? await firstForeign({ lines, reading }, positions, { tree, checkpoint }) : [];
  return { lines, reading, findings: foreign.length > 0 ? foreign : reading.findings };
};
