import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A program that goes on until it is told to stop, and what it has said so far. */
export class Child {
  private text = '';

  private constructor(readonly process: ChildProcess) {
    for (const stream of [process.stdout, process.stderr]) stream?.on('data', (chunk) => (this.text += chunk));
  }

  static start(command: string, ...words: readonly string[]): Child {
    return new Child(spawn(command, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get said(): string {
    return this.text;
  }

  /** Resolves when it has said this. */
  async until(words: string): Promise<void> {
    while (!this.text.includes(words)) {
      if (this.process.exitCode !== null) throw new Error(`it ended without "${words}": ${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Answers the exit code; null after a kill. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const closed = once(this.process, 'close');
      this.process.kill(signal);
      await closed;
    }
    return this.process.exitCode;
  }
}
