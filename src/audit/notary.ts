import { checkpointText, formatCheckpoint, openCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import type { Log } from '#ledger/log.js';
import { leafHash } from '#ledger/merkle.js';
import {
  formatVerifier,
  NoteInvalid,
  parseNote,
  parseVerifier,
  signedBy,
  type Signature,
  type Signer,
  type Verifier,
} from '#ledger/note.js';
import { consistencyProof, rangeHash } from '#ledger/proof.js';
import { TileInvalid } from '#ledger/tile.js';
import type { TileStore } from '#ledger/tile-store.js';
import type { Cosigning } from './cosigning.js';
import { KeyRotated } from './domain/log-events.js';
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

/** The key that is to replace the log's, and how it does. */
export type Succession = Readonly<{ successor(): Promise<Signer | undefined>; takeOver(): Promise<void> }>;

const NONE: Succession = { successor: async () => undefined, takeOver: async () => undefined };

/** Who signs: the log's key, and with it the next one where the log says that it takes over. */
type Signers = Readonly<{ own: Signer; next: Signer | undefined }>;

const CHECKPOINT = 'checkpoint';
/** Beside the checkpoint for whoever has no better copy of the key: only one kept elsewhere proves anything. */
const PUBLIC_KEY = 'key.pub';
/** Where in the store the last signed record stands: positions of some stores are no indexes. */
const PLACE = 'place';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const successorIn = ({ next }: Signers, key: string): Signer => {
  if (next && Buffer.from(next.verifier.key).toString('base64') === key) return next;
  throw new CheckpointBroken(`the log says that its key is ${key} now, which is not here; restore its file`);
};

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
    private readonly succession: Succession = NONE,
    /** Without it nothing but the log's own signature is needed. */
    private readonly cosigning?: Pick<Cosigning, 'cosign'>,
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
    const signers = await this.signers();
    const before = await this.signedBefore(signers.own);
    const place = await this.place(log, before);
    const tree = (this.tree ??= await GrowingTree.open(this.store, before.size));
    let position = place;
    let rotatedTo: string | undefined;
    for await (const recorded of log.readAll({ from: place + 1 })) {
      await tree.append(recorded.bytes);
      const { record } = recorded;
      if (record.type === KeyRotated.type) rotatedTo = KeyRotated.decode(record).data.newKey;
      position = recorded.position;
    }
    if (tree.size === before.size && before.size > 0) return { size: before.size, root: hex(before.root) };
    const signing = rotatedTo === undefined ? [signers.own] : [successorIn(signers, rotatedTo), signers.own];
    const checkpoint = { origin: signers.own.verifier.name, size: tree.size, root: await tree.publish() };
    const signatures = await this.signatures(checkpoint, before.size, signing);
    const [{ verifier }] = signing as [Signer];
    await this.announce(verifier, position, checkpoint, signatures);
    if (rotatedTo !== undefined) await this.succession.takeOver();
    return { size: checkpoint.size, root: hex(checkpoint.root) };
  }

  /** @throws WitnessAway, WitnessRefused: then nothing is published */
  private async signatures(
    checkpoint: Checkpoint,
    before: number,
    signing: readonly Signer[],
  ): Promise<readonly Signature[]> {
    const own = signing.map((signer) => signer.sign(checkpointText(checkpoint)));
    if (!this.cosigning) return own;
    const { size } = checkpoint;
    const prove = (from: number): Promise<readonly Uint8Array[]> =>
      consistencyProof(publishedNodes(this.store, size), from, size);
    const others = await this.cosigning.cosign({ size, signed: formatCheckpoint(checkpoint, own), prove }, before);
    return [...own, ...others];
  }

  /** @param verifier whose key the log has from here on */
  private async announce(
    verifier: Verifier,
    position: number,
    checkpoint: Checkpoint,
    signatures: readonly Signature[],
  ): Promise<void> {
    await this.write(PUBLIC_KEY, `${formatVerifier(verifier)}\n`);
    await this.write(PLACE, `${JSON.stringify({ size: checkpoint.size, position })}\n`);
    await this.write(CHECKPOINT, formatCheckpoint(checkpoint, signatures));
  }

  /** A successor that has signed a checkpoint already takes over now: a crash came in between. */
  private async signers(): Promise<Signers> {
    const own = await this.signer();
    const next = await this.succession.successor();
    const text = await this.textOf(CHECKPOINT);
    if (!next || text === undefined || signedBy(parseNote(text), next.verifier) === undefined) return { own, next };
    await this.succession.takeOver();
    return { own: next, next: undefined };
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
