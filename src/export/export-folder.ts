import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { sha256 } from '#ledger/digest.js';
import { FILES } from './domain/manifest.js';

const FLUSH_BYTES = 1 << 20;

/** Lines that are written as they come. */
class Lines {
  private readonly hash = createHash('sha256');
  private waiting: Uint8Array[] = [];
  private bytes = 0;

  constructor(private readonly file: FileHandle) {}

  async add(line: Uint8Array): Promise<void> {
    this.waiting.push(line, Buffer.from('\n'));
    this.bytes += line.length;
    if (this.bytes >= FLUSH_BYTES) await this.flush();
  }

  /** Resolves with the SHA-256 of the file when it is on disk. */
  async end(): Promise<string> {
    await this.flush();
    await this.file.sync();
    return this.hash.digest('hex');
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.concat(this.waiting);
    this.waiting = [];
    this.bytes = 0;
    this.hash.update(bytes);
    await this.file.appendFile(bytes);
  }
}

/** An export that is being written: nothing is overwritten, and every file but the verifier is summed. */
export class ExportFolder {
  private readonly sums = new Map<string, string>();

  constructor(readonly folder: string) {}

  async write(path: string, bytes: Uint8Array | string): Promise<void> {
    const target = join(this.folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes, { flag: 'wx', flush: true });
    if (path !== FILES.verifier) this.sums.set(path, sha256(bytes));
  }

  async writeLines(path: string, fill: (add: (line: Uint8Array) => Promise<void>) => Promise<void>): Promise<void> {
    const file = await open(join(this.folder, path), 'wx');
    try {
      const lines = new Lines(file);
      await fill((line) => lines.add(line));
      this.sums.set(path, await lines.end());
    } finally {
      await file.close();
    }
  }

  /** The sums of all that was written; nothing is written after them. */
  async seal(): Promise<void> {
    const lines = [...this.sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, sum]) => `${sum}  ${path}\n`);
    await this.write(FILES.sums, lines.join(''));
  }
}
