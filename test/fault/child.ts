import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type Line = Readonly<{ [key: string]: unknown }>;

/** A process under test whose output is JSON lines. */
export class Child {
  readonly lines: Line[] = [];
  errors = '';
  private readonly ended: Promise<unknown>;
  private wake: () => void = () => undefined;

  private constructor(readonly process: ChildProcess) {
    this.ended = once(process, 'close').then(() => this.wake());
    process.stderr?.on('data', (chunk) => (this.errors += chunk));
    if (!process.stdout) return;
    createInterface({ input: process.stdout }).on('line', (line) => {
      // A kill may cut the last line in two.
      if (line.endsWith('}')) this.lines.push(JSON.parse(line) as Line);
      this.wake();
    });
  }

  /** Starts a script beside this one; the limit is the longest file it may write, in KiB. */
  static start(script: string, args: readonly string[], limitKiB?: number): Child {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const limit = limitKiB === undefined ? '' : `ulimit -f ${limitKiB}; `;
    const command = `${limit}exec "$0" "$@"`;
    return new Child(spawn('bash', ['-c', command, process.execPath, path, ...args]));
  }

  /** The first line that passes, now or later. */
  async line(passes: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(passes);
      if (found) return found;
      if (this.process.exitCode !== null) throw new Error(`the process ended early: ${this.errors}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  async end(input: string): Promise<void> {
    this.process.stdin?.end(input);
    await this.ended;
  }
}
