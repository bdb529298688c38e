import { constants } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '#ledger/log.js';
import { leafHash, MerkleTree } from '#ledger/merkle.js';
import { canonicalJson } from '#ledger/record.js';
import { countSchema, sha256Schema } from '#ledger/schema.js';

const HASH_BYTES = 32;

const headSchema = z.strictObject({ position: countSchema, root: sha256Schema, size: countSchema });

/** Number of records sealed, the root over them (hex), and the position of the last one. */
export type SealedHead = Readonly<z.output<typeof headSchema>>;

/** The head and the leaf hashes beneath it, 32 bytes each. */
export type Sealed = Readonly<{ head: SealedHead; leaves: Uint8Array }>;

/** The log no longer holds what was sealed, or the seal itself is not whole. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** Leaf hashes one after another. */
export const leavesOf = function* (leaves: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < leaves.length; at += HASH_BYTES) yield leaves.subarray(at, at + HASH_BYTES);
};

const rootOf = (tree: MerkleTree): string => Buffer.from(tree.root()).toString('hex');

const readOrNothing = async (path: string): Promise<Buffer | undefined> =>
  readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

/**
 * What the log was when it was last sealed, kept beside it: `leaves` and `head.json` in a folder. With it a verification
 * names the record that changed and sees a cut tail. It is not signed: whoever can write the folder can forge both, so a
 * copy of the head elsewhere (`--expect-root`) is what proves the whole.
 */
export class Seal {
  private readonly headPath: string;
  private readonly leavesPath: string;

  constructor(private readonly folder: string) {
    this.headPath = join(folder, 'head.json');
    this.leavesPath = join(folder, 'leaves');
  }

  /** The last seal; undefined when nothing was ever sealed. @throws SealBroken when it is no seal */
  async read(): Promise<Sealed | undefined> {
    const json = await readOrNothing(this.headPath);
    if (!json) return undefined;
    let head: SealedHead;
    try {
      head = headSchema.parse(JSON.parse(json.toString('utf8')));
    } catch (error) {
      throw new SealBroken(`${this.headPath}: not a head {position, root, size}`, { cause: error });
    }
    const leaves = (await readOrNothing(this.leavesPath)) ?? Buffer.alloc(0);
    const bytes = head.size * HASH_BYTES;
    if (leaves.length < bytes)
      throw new SealBroken(`${this.leavesPath}: ${leaves.length} bytes, the head's ${head.size} leaves take ${bytes}`);
    return { head, leaves: leaves.subarray(0, bytes) };
  }

  /**
   * Seals what the log has grown by since the last time. What is sealed already is not looked at again: only a
   * verification does.
   * @throws SealBroken
   */
  async advance(log: Log): Promise<SealedHead> {
    const sealed = await this.read();
    const tree = new MerkleTree();
    for (const leaf of leavesOf(sealed?.leaves ?? new Uint8Array())) tree.append(leaf);
    if (sealed && rootOf(tree) !== sealed.head.root)
      throw new SealBroken(`${this.leavesPath}: the leaves do not have the root ${sealed.head.root} of the head`);
    const added: Uint8Array[] = [];
    let position = sealed?.head.position ?? 0;
    for await (const recorded of log.readAll({ from: position + 1 })) {
      const leaf = leafHash(recorded.bytes);
      tree.append(leaf);
      added.push(leaf);
      position = recorded.position;
    }
    if (sealed && added.length === 0) return sealed.head;
    const head = { position, root: rootOf(tree), size: tree.size };
    await this.write(sealed?.leaves.length ?? 0, Buffer.concat(added), head);
    return head;
  }

  /** Leaves first: a crash in between leaves leaves that no head counts, and the next time they are written over. */
  private async write(at: number, leaves: Uint8Array, head: SealedHead): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const file = await open(this.leavesPath, constants.O_RDWR | constants.O_CREAT);
    try {
      await file.write(leaves, 0, leaves.length, at);
      await file.truncate(at + leaves.length);
      await file.sync();
    } finally {
      await file.close();
    }
    const temporary = `${this.headPath}.tmp`;
    const note = await open(temporary, 'w');
    try {
      await note.writeFile(canonicalJson(head));
      await note.sync();
    } finally {
      await note.close();
    }
    await rename(temporary, this.headPath);
  }
}
