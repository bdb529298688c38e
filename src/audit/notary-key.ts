import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { COSIGNATURE, ED25519, formatVerifier, NoteInvalid, Signer } from '#ledger/note.js';
import type { Secrets } from '#ledger/ports.js';
import { renameWhole, writeWhole } from '#store/whole-file.js';

const PREFIX = 'PRIVATE+KEY+';
const PRIVATE = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/;
type Algorithm = typeof ED25519 | typeof COSIGNATURE;
const OF = { [ED25519]: 'log', [COSIGNATURE]: 'witness' } as const;

/** A file that should hold the log's key and does not. Its message never holds what is in it. */
export class KeyUnusable extends Error {
  override readonly name = 'KeyUnusable';
}

/** `PRIVATE+KEY+name+id+base64(algorithm || seed)`, as the Go implementation of signed notes writes it. */
const format = (signer: Signer, seed: Uint8Array): string => {
  const [name, id] = formatVerifier(signer.verifier).split('+');
  return `${PREFIX}${name}+${id}+${Buffer.concat([Uint8Array.of(signer.verifier.algorithm), seed]).toString('base64')}\n`;
};

const parse = (path: string, text: string, algorithm: Algorithm): Signer => {
  // Base64 may have a plus sign too, so that the text cannot simply be split.
  const [, name = '', id = '', encoded = ''] = PRIVATE.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  const unusable = new KeyUnusable(
    `${path}: no key of a ${OF[algorithm]}; restore it from a backup, or name another file`,
  );
  if (bytes[0] !== algorithm || bytes.length !== 33) throw unusable;
  try {
    const signer = new Signer(name, algorithm, bytes.subarray(1));
    if (formatVerifier(signer.verifier).split('+')[1] === id) return signer;
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
  }
  throw unusable;
};

const OTHERS = 0o077;

/** The text of a key's file; undefined where there is none. @throws KeyUnusable where others may read it */
const secretAt = async (path: string): Promise<string | undefined> => {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new KeyUnusable(`${path}: cannot be read (${error.code})`);
  });
  if (!file) return undefined;
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new KeyUnusable(
        `${path}: others than its owner may use it (mode ${(mode & 0o777).toString(8)}); chmod 600, or rotate the key`,
      );
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
};

/** Where the key of a log, or of a witness, is, and what it is called when it is made. Its successor lies beside it until it takes over. */
export class NotaryKey {
  constructor(
    private readonly path: string,
    private readonly secrets: Secrets,
    private readonly origin?: string,
    private readonly algorithm: Algorithm = ED25519,
  ) {}

  /** The key; made at the first use, readable by its owner alone. @throws KeyUnusable */
  async signer(): Promise<Signer> {
    return (await this.at(this.path)) ?? this.make(this.path, this.origin ?? this.newOrigin());
  }

  /** The key that is to replace it, once the log says so. @throws KeyUnusable */
  successor(): Promise<Signer | undefined> {
    return this.at(this.successorPath);
  }

  /** The same, made if there is none. @throws KeyUnusable */
  async prepare(): Promise<Signer> {
    const { verifier } = await this.signer();
    return (await this.successor()) ?? this.make(this.successorPath, verifier.name);
  }

  /** The successor becomes the key; the one before is gone. */
  async takeOver(): Promise<void> {
    await renameWhole(this.successorPath, this.path);
  }

  private get successorPath(): string {
    return `${this.path}.next`;
  }

  private async at(path: string): Promise<Signer | undefined> {
    const text = await secretAt(path);
    return text === undefined ? undefined : parse(path, text, this.algorithm);
  }

  private newOrigin(): string {
    const letters = this.secrets.next().replaceAll(/[^a-z0-9]/g, '');
    return `prometheus-ledger.local/${letters.slice(0, 12)}`;
  }

  private async make(path: string, origin: string): Promise<Signer> {
    const seed = Buffer.from(this.secrets.next(), 'base64url').subarray(0, 32);
    const signer = new Signer(origin, this.algorithm, seed);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Never half of it under its name: that would be a key that nobody can restore.
    await writeWhole(path, [format(signer, seed)], { mode: 0o600 });
    return signer;
  }
}
