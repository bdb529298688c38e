import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ED25519, formatVerifier, NoteInvalid, Signer } from '#ledger/note.js';
import type { Secrets } from '#ledger/ports.js';

const PREFIX = 'PRIVATE+KEY+';

/** A file that should hold the log's key and does not. Its message never holds what is in it. */
export class KeyUnusable extends Error {
  override readonly name = 'KeyUnusable';
}

/** `PRIVATE+KEY+name+id+base64(1 || seed)`, as the Go implementation of signed notes writes it. */
const format = (signer: Signer, seed: Uint8Array): string => {
  const [name, id] = formatVerifier(signer.verifier).split('+');
  return `${PREFIX}${name}+${id}+${Buffer.concat([Uint8Array.of(ED25519), seed]).toString('base64')}\n`;
};

const parse = (path: string, text: string): Signer => {
  const [name = '', id = '', encoded = ''] = text.trim().startsWith(PREFIX)
    ? text
        .trim()
        .slice(PREFIX.length)
        .split(/\+(.{8})\+/s)
    : [];
  const bytes = Buffer.from(encoded, 'base64');
  const unusable = new KeyUnusable(`${path}: no key of a log; restore it from a backup, or name another with --key`);
  if (bytes[0] !== ED25519 || bytes.length !== 33) throw unusable;
  try {
    const signer = new Signer(name, ED25519, bytes.subarray(1));
    if (formatVerifier(signer.verifier).split('+')[1] === id) return signer;
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
  }
  throw unusable;
};

/** Where a log's key is, and what it is called when it is made. */
export class NotaryKey {
  constructor(
    private readonly path: string,
    private readonly secrets: Secrets,
    private readonly origin?: string,
  ) {}

  /** The key; made at the first use, readable by its owner alone. @throws KeyUnusable */
  async signer(): Promise<Signer> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new KeyUnusable(`${this.path}: cannot be read (${error.code})`);
    });
    return text === undefined ? this.make() : parse(this.path, text);
  }

  private async make(): Promise<Signer> {
    const seed = Buffer.from(this.secrets.next(), 'base64url').subarray(0, 32);
    const origin =
      this.origin ??
      `prometheus-ledger.local/${this.secrets
        .next()
        .replaceAll(/[^a-z0-9]/g, '')
        .slice(0, 12)}`;
    const signer = new Signer(origin, ED25519, seed);
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = await open(this.path, 'wx', 0o600);
    try {
      await file.writeFile(format(signer, seed));
      await file.sync();
    } finally {
      await file.close();
    }
    return signer;
  }
}
