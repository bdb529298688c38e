import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Another process that opens the log of a folder and keeps it, and appends when told to. */
export class Holder {
  readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(folder: string) {
    const script = fileURLToPath(new URL('holder-child.js', import.meta.url));
    this.process = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.process.stdout) throw new Error('the process has no output');
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** "opened", or the name of the error. */
  async opened(): Promise<string> {
    return String((await this.lines.next()).value);
  }

  async append(): Promise<void> {
    this.process.stdin?.write('append\n');
    await this.lines.next();
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}
