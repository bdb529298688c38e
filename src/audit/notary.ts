import { checkpointText, formatCheckpoint, openCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import type { Log } from '#ledger/log.js';
import { leafHash } from '#ledger/merkle.js';
import { formatVerifier, NoteInvalid, parseVerifier, type Signer, type Verifier } from '#ledger/note.js';
import { rangeHash } from '#ledger/proof.js';
import { TileInvalid } from '#ledger/tile.js';
import type { TileStore } from '#ledger/tile-store.js';
import { GrowingTree, publishedLeaves, publishedNodes } from './growing-tree.js';

/** Number of records signed, and the root over them (hex). */
export type SignedHead = Readonly<{ size: number; root: string }>;

/** A checkpoint whose signature holds, and the leaf hashes beneath it, 32 bytes each. */
export type Published = Readonly<{ head: SignedHead; leaves: Uint8Array; verifier: Verifier }>;

/** The log no longer holds what was signed, or what was published is not whole. */
export class CheckpointBroken extends Error {
  override readonly name = 'CheckpointBroken';
}

/** Leaf hashes one after another. */
export const leavesOf = function* (leaves: Uint8Array): Generator<Uint8Array> {
  const HASH_BYTES = 32;
  for (let at = 0; at < leaves.length; at += HASH_BYTES) yield leaves.subarray(at, at + HASH_BYTES);
};

const CHECKPOINT = 'checkpoint';
/** Beside the checkpoint for whoever has no better copy of the key: only one kept elsewhere proves anything. */
const PUBLIC_KEY = 'key.pub';
/** Where in the store the last signed record stands: positions of some stores are no indexes. */
const PLACE = 'place';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const broken = (error: unknown): unknown =>
  error instanceof NoteInvalid || error instanceof TileInvalid
    ? new CheckpointBroken(error.message, { cause: error })
    : error;

/**
 * Publishes a log: numbers its records from 0 in their order, keeps the RFC 6962 tree over them as tiles, and signs
 * checkpoints. Nothing is signed that does not begin as what was signed before.
 */
export class Notary {
  private tree: GrowingTree | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: TileStore,
    /** Opens the key when something is to be signed. */
    private readonly signer: () => Promise<Signer>,
  ) {}

  /** What was published last; undefined when nothing was. @throws CheckpointBroken when it is not whole, or not signed by its key */
  async read(): Promise<Published | undefined> {
    const text = await this.textOf(CHECKPOINT);
    if (text === undefined) return undefined;
    try {
      const verifier = await this.verifier();
      const { size, root } = openCheckpoint(text, [verifier]).checkpoint;
      return { head: { size, root: hex(root) }, leaves: await publishedLeaves(this.store, size), verifier };
    } catch (error) {
      throw broken(error);
    }
  }

  /** Publishes what the log has grown by. One call after another. @throws CheckpointBroken, KeyUnusable */
  async advance(log: Log): Promise<SignedHead> {
    const advanced = this.last.then(() => this.publish(log));
    this.last = advanced.catch(() => undefined);
    return advanced.catch((error: unknown) => {
      this.tree = undefined;
      throw broken(error);
    });
  }

  /** The key beside the checkpoint. @throws NoteInvalid */
  private async verifier(): Promise<Verifier> {
    return parseVerifier((await this.textOf(PUBLIC_KEY)) ?? '');
  }

  private async textOf(path: string): Promise<string | undefined> {
    const bytes = await this.store.read(path);
    return bytes && Buffer.from(bytes).toString('utf8');
  }

  private async publish(log: Log): Promise<SignedHead> {
    const signer = await this.signer();
    const before = await this.signedBefore(signer);
    const place = await this.place(log, before);
    const tree = (this.tree ??= await GrowingTree.open(this.store, before.size));
    let position = place;
    for await (const recorded of log.readAll({ from: place + 1 })) {
      await tree.append(recorded.bytes);
      position = recorded.position;
    }
    if (tree.size === before.size && before.size > 0) return { size: before.size, root: hex(before.root) };
    const checkpoint = { origin: signer.verifier.name, size: tree.size, root: await tree.publish() };
    await this.write(PUBLIC_KEY, `${formatVerifier(signer.verifier)}\n`);
    await this.write(PLACE, `${JSON.stringify({ size: tree.size, position })}\n`);
    await this.write(CHECKPOINT, formatCheckpoint(checkpoint, [signer.sign(checkpointText(checkpoint))]));
    return { size: checkpoint.size, root: hex(checkpoint.root) };
  }

  /** The last checkpoint by this key, whose tiles must have its root. */
  private async signedBefore({ verifier }: Signer): Promise<Checkpoint> {
    const text = await this.textOf(CHECKPOINT);
    if (text === undefined) return { origin: verifier.name, size: 0, root: new Uint8Array() };
    const { checkpoint } = openCheckpoint(text, [verifier]);
    const { size, root } = checkpoint;
    const published = size === 0 ? root : await rangeHash(publishedNodes(this.store, size), 0, size);
    if (Buffer.compare(published, root) !== 0)
      throw new CheckpointBroken(`the tiles have root ${hex(published)} over ${size} records, signed is ${hex(root)}`);
    return checkpoint;
  }

  /** Position of the last signed record, which must still be that record. */
  private async place(log: Log, { size }: Checkpoint): Promise<number> {
    if (size === 0) return 0;
    const leaf = await publishedNodes(this.store, size)(0, size - 1);
    const position = (await this.notedPlace(size)) ?? (await this.foundPlace(log, size));
    for await (const recorded of log.readAll({ from: position, limit: 1 }))
      if (recorded.position === position && Buffer.compare(leafHash(recorded.bytes), leaf) === 0) return position;
    throw new CheckpointBroken(
      `record ${size - 1} (from 0), the last that was signed, is not the one at position ${position} of the log any more`,
    );
  }

  private async notedPlace(size: number): Promise<number | undefined> {
    const noted = JSON.parse((await this.textOf(PLACE)) ?? '{}') as { size?: number; position?: number };
    return noted.size === size ? noted.position : undefined;
  }

  /** Counted from the start: a crash came between two notes. */
  private async foundPlace(log: Log, size: number): Promise<number> {
    let count = 0;
    for await (const { position } of log.readAll()) {
      count += 1;
      if (count === size) return position;
    }
    throw new CheckpointBroken(`the log ends after ${count} records, ${size} were signed`);
  }

  private write(path: string, text: string): Promise<void> {
    return this.store.write(path, Buffer.from(text));
  }
}
