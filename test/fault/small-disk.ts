import { execFileSync } from 'node:child_process';
import { appendFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const tryMount = (): boolean => {
  if (!isRoot) return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Whether this process may mount a small disk. */
export const canMount = tryMount();
/** What a test that needs one adds to its name. */
export const whenSkipped = canMount ? '' : ' [skipped: only root on Linux can mount a small disk]';

const MIB = 1024 * 1024;

/** A disk of its own, mounted at a folder. */
export class SmallDisk {
  private constructor(private readonly folder: string) {}

  static mount(folder: string, size: string): SmallDisk {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  /** Takes up all room there is but so much. */
  async fill(leftBytes = 0): Promise<void> {
    for (let size = MIB; size >= 1;)
      try {
        await appendFile(this.filler, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    const { size } = await stat(this.filler);
    await truncate(this.filler, Math.max(0, size - leftBytes));
  }

  /** Gives the room back. */
  free(): Promise<void> {
    return rm(this.filler);
  }

  unmount(): void {
    execFileSync('umount', [this.folder]);
  }

  private get filler(): string {
    return join(this.folder, 'filler');
  }
}
