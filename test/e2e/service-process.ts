import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../bin/prometheus-ledger.mjs', import.meta.url));
const SERVING = /^Serving .* at (http:\/\/\S+)$/m;

export type Answer<T = unknown> = Readonly<{ status: number; headers: Headers; text: string; body: T }>;
type Asked = Readonly<{ body?: unknown; headers?: Readonly<Record<string, string>>; token?: string }>;

const parsed = (text: string, type: string | null): unknown =>
  type?.includes('json') && !type.includes('ndjson') ? (JSON.parse(text) as unknown) : undefined;

/** The built service in a process of its own, and how to ask it. */
export class ServiceProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
    readonly data: string,
    private readonly said: { stdout: string; stderr: string },
  ) {}

  /** Resolves when the service answers; rejects with what it said when it ends before. */
  static start(data: string, ...words: readonly string[]): Promise<ServiceProcess> {
    return ServiceProcess.startIn({}, data, ...words);
  }

  /** The same with something more in its environment. */
  static async startIn(
    more: Readonly<Record<string, string>>,
    data: string,
    ...words: readonly string[]
  ): Promise<ServiceProcess> {
    const all = ['serve', '--port', '0', '--data', data, ...words];
    const env = { ...process.env, ...more };
    const child = spawn(process.execPath, [BIN, ...all], { stdio: ['ignore', 'pipe', 'pipe'], env });
    const said = { stdout: '', stderr: '' };
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk) => {
        said.stdout += chunk;
        const [, found] = SERVING.exec(said.stdout) ?? [];
        if (found) resolve(found);
      });
      child.stderr.on('data', (chunk) => (said.stderr += chunk));
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(`serve ended with ${code}: ${said.stderr}${said.stdout}`)));
    });
    return new ServiceProcess(child, url, data, said);
  }

  get stdout(): string {
    return this.said.stdout;
  }

  get stderr(): string {
    return this.said.stderr;
  }

  /** Asks as anybody on this machine may; with a token as its holder. A body is sent as JSON unless it is bytes. */
  async ask<T = unknown>(method: string, path: string, { body, headers, token }: Asked = {}): Promise<Answer<T>> {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(body !== undefined && {
          'content-type': body instanceof Uint8Array ? 'application/octet-stream' : 'application/json',
        }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: (raw ? body : JSON.stringify(body)) as string }),
    });
    const text = await response.text();
    const { status, headers: answered } = response;
    return { status, headers: answered, text, body: parsed(text, answered.get('content-type')) as T };
  }

  get<T = unknown>(path: string, asked: Asked = {}): Promise<Answer<T>> {
    return this.ask<T>('GET', path, asked);
  }

  post<T = unknown>(path: string, body: unknown = {}, asked: Asked = {}): Promise<Answer<T>> {
    return this.ask<T>('POST', path, { ...asked, body });
  }

  /** The owner's secret, which only who can read the data folder has. */
  async secret(): Promise<string> {
    const { secret } = JSON.parse(await readFile(join(this.data, 'service.json'), 'utf8')) as { secret: string };
    return secret;
  }

  /** Asks until the answer is as wanted. */
  async until<T>(path: string, is: (answer: Answer<T>) => boolean, asked: Asked = {}): Promise<Answer<T>> {
    for (;;) {
      const answer = await this.get<T>(path, asked);
      if (is(answer)) return answer;
      if (this.child.exitCode !== null) throw new Error(`the service ended: ${this.said.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** As Ctrl-C; answers the exit code. */
  async stop(): Promise<number | null> {
    return this.end('SIGINT');
  }

  /** As a power cut, for this process. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const closed = once(this.child, 'close');
      this.child.kill(signal);
      await closed;
    }
    return this.child.exitCode;
  }
}
