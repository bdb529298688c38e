import { KeyChain, isSameVerifier } from '#ledger/key-chain.js';
import { NoteInvalid, type Verifier } from '#ledger/note.js';
import { consistencyProof } from '#ledger/proof.js';
import { TileInvalid } from '#ledger/tile.js';
import type { TileStore } from '#ledger/tile-store.js';
import { formatWitnessRequest } from '#ledger/witness-request.js';
import { KeyRotated } from './domain/log-events.js';
import { publishedEntries, publishedNodes } from './growing-tree.js';
import { publishedCheckpoint } from './proving.js';
import { readRecord } from './read-entry.js';
import type { Cosigned, Following, Refusal, Witness } from './witness.js';

const BUNDLE = 256;
const bytes = (base64: string): Uint8Array => Buffer.from(base64, 'base64');

const rotationIn = (entry: Uint8Array): ReturnType<typeof KeyRotated.decode>['data'] | undefined => {
  try {
    const { record } = readRecord(entry);
    return record.type === KeyRotated.type ? KeyRotated.decode(record).data : undefined;
  } catch {
    // Whether the log is made of records is for a verification to say.
    return undefined;
  }
};

/** The key that a known one has signed for; undefined where none has. */
const handedOver = (entry: Uint8Array, index: number, known: readonly Verifier[]): Verifier | undefined => {
  const said = rotationIn(entry);
  if (!said) return undefined;
  const { origin, oldKey, newKey, signature } = said;
  const old = known.find(({ name, key }) => name === origin && Buffer.compare(key, bytes(oldKey)) === 0);
  if (!old) return undefined;
  const chain = new KeyChain(old);
  try {
    chain.take({ origin, oldKey: bytes(oldKey), newKey: bytes(newKey), signature: bytes(signature) }, index);
  } catch (error) {
    if (error instanceof NoteInvalid) return undefined;
    throw error;
  }
  return chain.at(index + 1);
};

/** Looks for keys that the log has had since in what it publishes: the old key signed each, so nobody else need be believed. */
export const followingKeys =
  (tiles: TileStore): Following =>
  async (_origin, from, known) => {
    const { size } = (await publishedCheckpoint(tiles)).checkpoint;
    const keys = [...known];
    for (let first = from - (from % BUNDLE); first < size; first += BUNDLE) {
      const entries = await publishedEntries(tiles, first / BUNDLE, Math.min(BUNDLE, size - first));
      entries.forEach((entry, at) => {
        const next = handedOver(entry, first + at, keys);
        if (next && !keys.some((key) => isSameVerifier(key, next))) keys.push(next);
      });
    }
    return { keys, followed: size };
  };

/**
 * Fetches the latest checkpoint of a published log and has it co-signed if it grew from the one before.
 * @throws NotSigned, NoteInvalid
 */
export const witnessPublished = async (witness: Witness, tiles: TileStore): Promise<Cosigned | Refusal> => {
  const { text, checkpoint } = await publishedCheckpoint(tiles);
  const { origin, size } = checkpoint;
  const before = await witness.seen(origin);
  const oldSize = before?.size ?? 0;
  if (size < oldSize) {
    const message = `a rollback: the log has ${size} records, ${oldSize} were co-signed before`;
    return { status: 409, message, size: oldSize };
  }
  const proof = oldSize === 0 ? [] : await consistencyProof(publishedNodes(tiles, size), oldSize, size).catch(noProof);
  return witness.add(formatWitnessRequest({ oldSize, proof, checkpoint: text }));
};

/** Tiles that do not fit prove nothing; the witness says so. */
const noProof = (error: unknown): readonly Uint8Array[] => {
  if (error instanceof TileInvalid) return [];
  throw error;
};
