import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactDamaged, ArtifactMissing, Artifacts, gone } from '#ledger/artifacts.js';
import { sha256 } from '#ledger/digest.js';
import { TileStore } from '#ledger/tile-store.js';
import { artifactPath, FILES } from './domain/manifest.js';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1 << 20;

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
};

const readOnly = (): Promise<never> => Promise.reject(new TypeError('an export is only read'));

/** The files of an export, and the tiles among them. */
export class ExportFiles extends TileStore {
  readonly artifacts: Artifacts = new ExportedArtifacts(this);

  constructor(readonly folder: string) {
    super();
  }

  read(path: string): Promise<Buffer | undefined> {
    return readFile(join(this.folder, path)).catch(absent);
  }

  /** The lines of the records, each without its end. */
  async *lines(): AsyncGenerator<Buffer> {
    const file = await open(join(this.folder, FILES.records)).catch(absent);
    if (!file) return;
    try {
      let rest: Buffer = Buffer.alloc(0);
      for (;;) {
        const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(CHUNK_BYTES) });
        if (bytesRead === 0) break;
        rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        let begin = 0;
        for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, begin)) {
          yield rest.subarray(begin, end);
          begin = end + 1;
        }
        rest = rest.subarray(begin);
        // No record is so long: what it is shows where it is read.
        if (rest.length > CHUNK_BYTES) {
          yield rest;
          rest = Buffer.alloc(0);
        }
      }
      if (rest.length > 0) yield rest;
    } finally {
      await file.close();
    }
  }

  write = readOnly;
  removePartials = readOnly;
}

/** Those that were exported. */
export class ExportedArtifacts extends Artifacts {
  constructor(
    private readonly files: ExportFiles,
    /** By artifact, why it was erased. */
    private readonly erased: ReadonlyMap<string, string> = new Map(),
  ) {
    super();
  }

  async get(name: string): Promise<Uint8Array> {
    const bytes = await this.files.read(artifactPath(name));
    const why = this.erased.get(name);
    if (!bytes && why !== undefined) throw gone(name, why);
    if (!bytes) throw new ArtifactMissing(`artifact ${name} is not in the export`);
    const actual = sha256(bytes);
    if (actual === name) return bytes;
    throw new ArtifactDamaged(`${artifactPath(name)}: the ${bytes.length} bytes have SHA-256 ${actual}`);
  }

  async has(name: string): Promise<boolean> {
    const file = await open(join(this.files.folder, artifactPath(name))).catch(absent);
    await file?.close();
    return file !== undefined;
  }

  put = readOnly;
  erase = readOnly;
}
