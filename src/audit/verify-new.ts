import type { AnyEventType } from '#ledger/event.js';
import { openCheckpoint } from '#ledger/checkpoint.js';
import { LogDamaged } from '#ledger/log.js';
import { leafHash, MerkleTree, type Peak } from '#ledger/merkle.js';
import { formatVerifier, NoteInvalid, parseVerifier } from '#ledger/note.js';
import { consistencyProof, ProofInvalid, verifyConsistency } from '#ledger/proof.js';
import { TileInvalid } from '#ledger/tile.js';
import type { TileStore } from '#ledger/tile-store.js';
import type { NotedHead } from './compare-with-heads.js';
import { verification, type Finding, type Verification } from './domain/finding.js';
import type { Entries } from './domain/entry.js';
import { publishedLeaves, publishedNodes } from './growing-tree.js';
import { inspectedHere, type Inspection } from './inspection.js';
import { judgeFindings } from './judge-findings.js';
import { chainOf, firstKey } from './judge-keys.js';
import { publishedCheckpoint, type Signed } from './proving.js';
import { Reading } from './reading.js';
import { FORMAT, type VerifiedSoFar } from './domain/verified-so-far.js';
import type { AuditedFolder } from './verify-folder.js';
import type { VerifyProgress } from './verify-log.js';

const HASH_BYTES = 32;

export type NewOptions = Readonly<{
  events: readonly AnyEventType[];
  /** How entries are looked at, for these events; by default in this thread. */
  inspection?: Inspection;
  onProgress?: (progress: VerifyProgress) => void;
}>;

/** What came of looking at what is new. */
export type VerifiedNew = Readonly<{
  /** Counts are of the whole log, those of artifacts of what is new. */
  verification: Verification;
  /** Streams that new records stand in: what was judged of the others need not be judged again. */
  streams: ReadonlySet<string>;
  /** How far it is verified now; undefined where something is wrong. */
  soFar: VerifiedSoFar | undefined;
}>;

type Roots = Readonly<{ root: string; findings: readonly Finding[] }>;
type Keyed = Readonly<{ key: string; findings: readonly Finding[] }>;

/** Where a verification goes on from. */
export type Start = Pick<VerifiedSoFar, 'size' | 'root' | 'position' | 'key' | 'streams'>;

/** The beginning of a log that is signed with a key. */
export const beginningOf = (key: string): Start => ({ size: 0, root: '', position: 0, key, streams: {} });

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const finding = (kind: Finding['kind'], message: string, position: number | null = null): Finding => ({
  kind,
  position,
  message,
});

/** That what is signed now begins as what was verified, whoever made the tiles. */
const growsFrom = async (
  tiles: TileStore,
  { size, root }: Start,
  { checkpoint }: Signed,
): Promise<readonly Finding[]> => {
  if (size === 0) return [];
  const signed = checkpoint.size;
  if (signed < size)
    return [finding('truncation', `${signed} records are signed, ${size} were verified before`, signed + 1)];
  try {
    const proof = await consistencyProof(publishedNodes(tiles, signed), size, signed);
    verifyConsistency({ size, root: Buffer.from(root, 'hex') }, checkpoint, proof);
    return [];
  } catch (error) {
    if (!(error instanceof ProofInvalid) && !(error instanceof TileInvalid)) throw error;
    const message = `the signed log does not begin with the ${size} records that were verified: ${error.message}`;
    return [finding('root mismatch', message)];
  }
};

/** The tree over what was verified, to be carried on. */
const treeOf = async (tiles: TileStore, size: number, signed: number): Promise<MerkleTree> => {
  const nodes = publishedNodes(tiles, signed);
  const peaks: Peak[] = [];
  for (let at = 0; at < size; at += 2 ** (peaks.at(-1) as Peak).height) {
    const height = Math.floor(Math.log2(size - at));
    peaks.push({ height, hash: await nodes(height, at / 2 ** height) });
  }
  return MerkleTree.of(peaks);
};

/** Reads what is new; whether the last record that was verified stands where it stood. */
const readOn = async (
  entries: Entries,
  before: Start,
  last: string,
  { reading, inspection }: Readonly<{ reading: Reading; inspection: Inspection }>,
): Promise<boolean> => {
  let anchored = before.size === 0;
  const fresh = async function* (): Entries {
    for await (const batch of entries) {
      const known = batch.filter(({ position }) => position <= before.position).at(-1);
      if (known) anchored = hex(leafHash(known.bytes)) === last;
      yield batch.filter(({ position }) => position > before.position);
    }
  };
  try {
    for await (const { entries: taken, seen } of inspection(fresh())) reading.take(taken, seen);
  } catch (error) {
    if (!(error instanceof LogDamaged)) throw error;
    reading.stopAt(error);
  }
  return anchored;
};

/** Root of the whole log, and the heads noted somewhere that it does not have. */
const rootsOf = (tree: MerkleTree, { tape }: Reading, heads: readonly NotedHead[]): Roots => {
  const findings: Finding[] = [];
  const compare = (): void => {
    for (const { size, root, by } of heads)
      if (size === tree.size && root !== hex(tree.root()))
        findings.push(
          finding('root mismatch', `the first ${size} records have root ${hex(tree.root())}, ${by} saw ${root}`),
        );
  };
  compare();
  for (let at = 0; at < tape.leaves.length; at += HASH_BYTES) {
    tree.append(tape.leaves.slice(at, at + HASH_BYTES));
    compare();
  }
  return { root: hex(tree.root()), findings };
};

/** The key that is in force at the size of the checkpoint, which it must be signed by. */
const keyThen = (rotations: Reading['rotations'], before: Start, { text, checkpoint }: Signed): Keyed => {
  const known = rotations.map((one) => ({ ...one, index: one.index + before.size }));
  const given = parseVerifier(before.key);
  const first = before.size === 0 ? (firstKey(known, given) ?? given) : given;
  const { chain, findings } = chainOf(known, first);
  const verifier = chain.at(checkpoint.size);
  try {
    openCheckpoint(text, [verifier]);
    return { key: formatVerifier(verifier), findings };
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
    return { key: '', findings: [...findings, finding('checkpoint invalid', error.message)] };
  }
};

/** Nothing of what is new was looked at. */
const refused = (before: Start, found: Finding): VerifiedNew => {
  const { size: events, root } = before;
  const counts = { events, root, streams: 0, artifacts: 0, artifactBytes: 0, erased: 0, signed: events };
  return { verification: verification(counts, [found]), streams: new Set(), soFar: undefined };
};

const headsIn = ({ heads }: Reading, { checkpoint }: Signed): readonly NotedHead[] => [
  ...heads,
  { size: checkpoint.size, root: hex(checkpoint.root), by: 'the signed checkpoint' },
];

/** What the records and what was signed say together. Roots speak only where nothing else does. */
const judge = async (tiles: TileStore, before: Start, signed: Signed, reading: Reading): Promise<Roots> => {
  const { size } = signed.checkpoint;
  const leaves = (await publishedLeaves(tiles, size)).subarray(before.size * HASH_BYTES);
  const named = judgeFindings(reading, { leaves, heads: [] });
  const { root, findings } = rootsOf(await treeOf(tiles, before.size, size), reading, headsIn(reading, signed));
  return { root, findings: named.length > 0 ? named : findings.slice(0, 1) };
};

/**
 * Goes on from an earlier verification: that the signed log begins as it did then, and everything about the records that
 * came since. What came before is not read again, so what was changed in it on the disk since does not show; ids and causes
 * are held against new records only.
 * @throws NotSigned, NoteInvalid, TileInvalid
 */
export const verifyNew = async (
  { entries, artifacts }: AuditedFolder,
  tiles: TileStore,
  before: Start,
  { events, inspection = inspectedHere(events), onProgress }: NewOptions,
): Promise<VerifiedNew> => {
  const signed = await publishedCheckpoint(tiles);
  const { size, root: signedRoot } = signed.checkpoint;
  const [wrong] = await growsFrom(tiles, before, signed);
  if (wrong) return refused(before, wrong);
  const reading = new Reading(true, before);
  reading.markAt(size - before.size);
  const last = before.size === 0 ? '' : hex(await publishedNodes(tiles, size)(0, before.size - 1));
  if (!(await readOn(entries(before.position), before, last, { reading, inspection })))
    return refused(before, finding('byte change', 'the last record that was verified is another now', before.position));
  const { root, findings } = await judge(tiles, before, signed, reading);
  const { key, findings: ofKeys } = keyThen(reading.rotations, before, signed);
  const { tape, streams, marked } = reading;
  const told = (checked: number): void => onProgress?.({ events: tape.count, artifacts: checked });
  const { artifacts: hashed, bytes, erased, findings: ofArtifacts } = await reading.artifacts.check(artifacts, told);
  const counts = {
    events: before.size + tape.count,
    root,
    streams,
    artifacts: hashed,
    artifactBytes: bytes,
    erased,
    signed: size,
  };
  const found = verification(counts, [...findings, ...ofKeys, ...ofArtifacts]);
  const position = size === before.size ? before.position : tape.positionAt(size - before.size - 1);
  const soFar: VerifiedSoFar = {
    format: FORMAT,
    size,
    root: hex(signedRoot),
    position,
    checkpoint: signed.text,
    key,
    streams: marked,
  };
  return { verification: found, streams: reading.touched, soFar: found.ok && size > 0 ? soFar : undefined };
};
