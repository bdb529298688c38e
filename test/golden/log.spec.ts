import { mkdirSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditStream } from '#audit/domain/audit.js';
import { ArtifactErased, KeyRotated } from '#audit/domain/log-events.js';
import { issueToken } from '#audit/domain/tokens.js';
import { chainOf, type SeenRotation } from '#audit/judge-keys.js';
import { checkpointText, formatCheckpoint, openCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import { rotate } from '#ledger/key-chain.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { leafHash, merkleRoot, nodeHash } from '#ledger/merkle.js';
import { COSIGNATURE, ED25519, parseNote, signedBy, Signer } from '#ledger/note.js';
import { consistencyProof, verifyConsistency, type Nodes } from '#ledger/proof.js';
import { parseRecord } from '#ledger/record.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';

/**
 * A log of twenty records as it was first written, and every checkpoint of it: a counted clock, counted ids and keys that
 * everybody knows, so that the same bytes come out for ever. GOLDEN=write writes it where there is none; it changes none.
 */
const FOLDER = join(process.cwd(), 'test', 'golden', 'log');
const [RECORDS, CHECKPOINTS] = [join(FOLDER, 'records.jsonl'), join(FOLDER, 'checkpoints.txt')];
/** Between two notes, which have no such line. */
const BETWEEN = '=====\n';

const SIZE = 20;
const ROTATED_AT = 11;
const origin = 'log.test/golden';
const [first, second] = [1, 2].map((seed) => new Signer(origin, ED25519, Buffer.alloc(32, seed))) as [Signer, Signer];
const witness = new Signer('witness.test/golden', COSIGNATURE, Buffer.alloc(32, 3));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const token = (ledger: Ledger, at: number) =>
  issueToken({
    token: ledger.ids.next(),
    name: `holder-${at}`,
    secretHash: 'ab'.repeat(32),
    roles: ['viewer'],
    expiresAt: '2099-01-01T00:00:00.000Z',
    requester: 'ada',
    now: '2025-01-01T00:00:00.000Z',
  });

const rotation = () => {
  const { oldKey, newKey, signature } = rotate(first, second.verifier);
  const keys = { oldKey: base64(oldKey), newKey: base64(newKey), signature: base64(signature) };
  return () => [KeyRotated.of({ origin, ...keys, reason: 'a year is over', requester: 'ada' })];
};

const erasure = () => () => [
  ArtifactErased.of({ artifact: 'cd'.repeat(32), bytes: 42, reason: 'not ours to keep', requester: 'ada' }),
];

const written = async (): Promise<readonly Uint8Array[]> => {
  const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
  const by = { actor: { kind: 'human', id: 'ada', build: 'golden' } } as const;
  for (let at = 0; at < SIZE; at += 1) {
    const decision = at === ROTATED_AT ? rotation() : at === SIZE - 1 ? erasure() : token(ledger, at);
    await decide(ledger, auditStream, '', decision, by);
  }
  const entries: Uint8Array[] = [];
  for await (const { bytes } of ledger.log.readAll()) entries.push(bytes);
  return entries;
};

const checkpointOf = (leaves: readonly Uint8Array[]): Checkpoint => ({
  origin,
  size: leaves.length,
  root: merkleRoot(leaves),
});

const noteOf = (leaves: readonly Uint8Array[]): string => {
  const checkpoint = checkpointOf(leaves);
  const text = checkpointText(checkpoint);
  const { size } = checkpoint;
  const signers = size <= ROTATED_AT ? [first] : size === ROTATED_AT + 1 ? [second, first] : [second];
  const own = signers.map((signer) => signer.sign(text));
  return formatCheckpoint(checkpoint, [...own, witness.sign(text, 1_700_000_000 + size)]);
};

const notesOf = (entries: readonly Uint8Array[]): string => {
  const leaves = entries.map(leafHash);
  return Array.from({ length: entries.length + 1 }, (_, size) => noteOf(leaves.slice(0, size))).join(BETWEEN);
};
const linesOf = (entries: readonly Uint8Array[]): string =>
  entries.map((entry) => `${Buffer.from(entry).toString('utf8')}\n`).join('');

beforeAll(async () => {
  if (process.env['GOLDEN'] !== 'write' || existsSync(FOLDER)) return;
  const entries = await written();
  mkdirSync(FOLDER);
  writeFileSync(RECORDS, linesOf(entries));
  writeFileSync(CHECKPOINTS, notesOf(entries));
});

describe('a log for ever', () => {
  const entriesOnDisk = (): readonly Uint8Array[] =>
    readFileSync(RECORDS, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => Buffer.from(line));

  it('is written and signed to the same bytes as ever', async () => {
    const entries = await written();
    expect(linesOf(entries)).toBe(readFileSync(RECORDS, 'utf8'));
    expect(notesOf(entries)).toBe(readFileSync(CHECKPOINTS, 'utf8'));
  });

  it('stands by itself: every root, every signature by the key in force, and every proof from one size to the next', async () => {
    const entries = entriesOnDisk();
    const leaves = entries.map(leafHash);
    const nodes: Nodes = async (level, index) =>
      level === 0
        ? (leaves[index] as Uint8Array)
        : nodeHash(await nodes(level - 1, 2 * index), await nodes(level - 1, 2 * index + 1));
    const rotations = entries.map(parseRecord).flatMap((record, index): readonly SeenRotation[] => {
      return record.type === KeyRotated.type ? [{ index, position: index + 1, ...KeyRotated.decode(record).data }] : [];
    });
    const { chain, findings } = chainOf(rotations, first.verifier);
    expect({ keys: chain.all.length, findings }).toEqual({ keys: 2, findings: [] });
    const notes = readFileSync(CHECKPOINTS, 'utf8').split(BETWEEN);
    const checkpoints = notes.map((note, size) => openCheckpoint(note, [chain.at(size)]).checkpoint);
    expect(notes.map((note) => signedBy(parseNote(note), witness.verifier))).toEqual(
      notes.map((_, size) => 1_700_000_000 + size),
    );
    expect(checkpoints).toEqual(checkpoints.map((_, size) => checkpointOf(leaves.slice(0, size))));
    for (const to of checkpoints.slice(1))
      for (const from of checkpoints.slice(1, to.size + 1))
        verifyConsistency(from, to, await consistencyProof(nodes, from.size, to.size));
  });
});
