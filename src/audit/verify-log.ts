import type { Artifacts } from '#ledger/artifacts.js';
import type { AnyEventType } from '#ledger/event.js';
import { LogDamaged } from '#ledger/log.js';
import { merkleRoot } from '#ledger/merkle.js';
import type { Verifier } from '#ledger/note.js';
import { compareWithLeaves } from './compare-with-heads.js';
import type { Head } from './domain/audit.js';
import { verification, type Finding, type Verification } from './domain/finding.js';
import type { Entries } from './domain/entry.js';
import { inspectedHere, type Inspection } from './inspection.js';
import { judgeFindings, type Witness } from './judge-findings.js';
import { judgeKeys } from './judge-keys.js';
import { judgeKept, keptHead, type KeptCheckpoint } from './kept-checkpoint.js';
import type { LeafTape } from './leaf-tape.js';
import { Reading } from './reading.js';
import { CheckpointBroken, leavesOf, type Notary, type Published, type SignedHead } from './notary.js';

export type VerifyProgress = Readonly<{ events: number; artifacts: number }>;

export type VerifyOptions = Readonly<{
  /** Every event type this build knows. */
  events: readonly AnyEventType[];
  /** How entries are looked at, for these events; by default in this thread. */
  inspection?: Inspection;
  /** Where the artifacts are; without it none is checked. */
  artifacts?: Artifacts;
  /** What was published beside the log: names changed records and sees a cut tail. */
  notary?: Pick<Notary, 'read'>;
  /** A head kept elsewhere: the only witness that whoever owns the disk cannot forge. */
  expected?: Head;
  /** A key of the log that is known from elsewhere. */
  key?: Verifier;
  /** Earlier checkpoints of the log, kept elsewhere: they too cannot be forged by whoever owns the disk. */
  kept?: readonly KeptCheckpoint[];
  /** Positions follow each other without gap, as in the embedded log. Default true. */
  dense?: boolean;
  onProgress?: (progress: VerifyProgress) => void;
}>;

const HASH_BYTES = 32;

const readAll = async (entries: Entries, options: VerifyOptions): Promise<Reading> => {
  const { events, inspection = inspectedHere(events), dense = true, onProgress } = options;
  const reading = new Reading(dense);
  try {
    for await (const { entries: taken, seen } of inspection(entries)) {
      reading.take(taken, seen);
      onProgress?.({ events: reading.tape.count, artifacts: 0 });
    }
  } catch (error) {
    if (!(error instanceof LogDamaged)) throw error;
    reading.stopAt(error);
  }
  return reading;
};

type Signed = Witness & Readonly<{ broken: readonly Finding[]; head?: SignedHead; verifier?: Verifier }>;

const NOTHING: Signed = { leaves: new Uint8Array(), heads: [], broken: [] };

const broken = (message: string): Finding => ({ position: null, kind: 'checkpoint invalid', message });

const readSigned = async (notary: VerifyOptions['notary']): Promise<Published | Finding | undefined> => {
  try {
    return await notary?.read();
  } catch (error) {
    if (error instanceof CheckpointBroken) return broken(error.message);
    throw error;
  }
};

/** Leaves that are those of the records have their root; others are hashed. */
const rootOver = (leaves: Uint8Array, tape: LeafTape): string => {
  const size = leaves.length / HASH_BYTES;
  const same = size <= tape.count && Buffer.compare(leaves, tape.leaves.subarray(0, leaves.length)) === 0;
  if (same) return tape.rootsAt([size])[0] as string;
  return Buffer.from(merkleRoot(leavesOf(leaves))).toString('hex');
};

/** Leaves that do not have the signed root cannot name records; the root still counts. */
const judgeSigned = (published: Published | Finding | undefined, tape: LeafTape): Signed => {
  if (!published) return NOTHING;
  if ('kind' in published) return { ...NOTHING, broken: [published] };
  const { head, leaves, verifier } = published;
  const signed = { heads: [{ size: head.size, root: head.root, by: 'the signed checkpoint' }], head, verifier };
  const root = rootOver(leaves, tape);
  if (root === head.root) return { ...signed, leaves, broken: [] };
  const message = `the published leaves have root ${root}, the signed checkpoint has ${head.root}`;
  return { ...signed, leaves: NOTHING.leaves, broken: [broken(message)] };
};

/** Leaves that were kept elsewhere go before those beside the log, which whoever rewrites the log rewrites with it. */
const witnessing = (published: Uint8Array, kept: readonly KeptCheckpoint[], tape: LeafTape): Uint8Array =>
  kept.map(({ leaves }) => leaves).find((leaves) => leaves && compareWithLeaves(leaves, tape).length > 0) ?? published;

/**
 * Recomputes everything that a log claims about itself: canonical bytes, positions, revisions, ids, that no event stands
 * before its cause, event shapes, the RFC 6962 root, and the bytes of every artifact named. Writes nothing.
 *
 * A change that leaves a log well-formed shows only against something noted earlier: the published leaves name the record; a
 * root (in a LogVerified of the log, in the signed checkpoint, or expected from outside) tells that there is one. Whoever can
 * write the whole folder and has the log's key can forge all of these but the head kept outside.
 */
export const verifyLog = async (entries: Entries, options: VerifyOptions): Promise<Verification> => {
  const { artifacts, notary, expected, kept = [], key, onProgress } = options;
  // First: a checkpoint that a writer signs meanwhile covers records that the reading below need not see.
  const published = await readSigned(notary);
  const reading = await readAll(entries, options);
  const { tape } = reading;
  const signed = judgeSigned(published, tape);
  const onArtifact = (count: number): void => onProgress?.({ events: tape.count, artifacts: count });
  const checked = await (artifacts && reading.artifacts.check(artifacts, onArtifact));
  const outside = expected ? [{ ...expected, by: 'the expected head' }] : [];
  const heads = [...outside, ...kept.map(keptHead), ...reading.heads, ...signed.heads];
  const findings = judgeFindings(reading, { leaves: witnessing(signed.leaves, kept, tape), heads });
  const keys = [
    ...judgeKeys(reading.rotations, signed, key),
    ...judgeKept(reading.rotations, signed.verifier ?? key, kept),
  ];
  const counts = {
    events: tape.count,
    root: tape.rootsAt([tape.count])[0] ?? '',
    streams: reading.streams,
    artifacts: checked?.artifacts ?? 0,
    artifactBytes: checked?.bytes ?? 0,
    erased: checked?.erased ?? 0,
    signed: signed.leaves.length / HASH_BYTES,
  };
  // A record whose bytes changed promises no artifacts.
  const changed = new Set(findings.filter(({ kind }) => kind === 'byte change').map(({ position }) => position));
  const artifactFindings = (checked?.findings ?? []).filter(({ position }) => !changed.has(position));
  return verification(counts, [...findings, ...signed.broken, ...keys, ...artifactFindings]);
};
