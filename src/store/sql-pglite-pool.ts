import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { SqlAway } from './sql-database.js';

/** How a worker opens its cluster. */
export type Opened = Readonly<{ dataDir: string; startParams: string[] }>;
export type Asked = Readonly<{ sql: string; parameters: unknown[] }>;
export type Row = Record<string, unknown>;
/** `json`: the columns whose values are still text of JSON. */
type Result = Readonly<{ command: string; rowCount: number; rows: readonly Row[]; json: readonly string[] }>;
type Failure = Readonly<{ message: string; code: string | undefined }>;
export type Answer = Result | Failure;

/** What the database said against a statement; `code` is PostgreSQL's. */
class StatementFailed extends Error {
  override readonly name = 'StatementFailed';
  constructor({ message, code }: Failure) {
    super(message);
    this.code = code;
  }
  readonly code: string | undefined;
}

const withJson = ({ json, ...result }: Result): Omit<Result, 'json'> => {
  for (const row of result.rows)
    for (const column of json) {
      const text = row[column];
      if (typeof text === 'string') row[column] = JSON.parse(text) as unknown;
    }
  return result;
};

const WORKER = new URL('./sql-pglite-worker.js', import.meta.url);

/** A cluster that is open in a worker. Statements are sent one at a time. */
export class OpenCluster {
  private waiting: Readonly<{ resolve: (answer: Result) => void; reject: (error: Error) => void }> | undefined;
  private ended: Error | undefined;

  private constructor(private readonly worker: Worker) {
    worker.on('message', (answer: Answer) => {
      const { waiting } = this;
      this.waiting = undefined;
      if ('rows' in answer) waiting?.resolve(answer);
      else waiting?.reject(new StatementFailed(answer));
    });
    worker.on('error', (error) => this.end(error));
    worker.on('exit', (code) => this.end(new Error(`exit code ${code}`)));
  }

  /** @throws whatever PGlite says when it cannot open the folder */
  static async open(opened: Opened): Promise<OpenCluster> {
    const worker = new Worker(WORKER, { workerData: opened, execArgv: [] });
    const gone = once(worker, 'exit').then(([code]) => {
      throw new Error(`PGlite ended while it opened ${opened.dataDir} (exit code ${code})`);
    });
    await Promise.race([once(worker, 'message'), gone]);
    gone.catch(() => undefined);
    return new OpenCluster(worker);
  }

  /** Whether statements can be sent. */
  get isOpen(): boolean {
    return this.ended === undefined;
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<Result> {
    if (this.ended) throw this.ended;
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.worker.postMessage({ sql, parameters: [...parameters] } satisfies Asked);
    });
  }

  async close(): Promise<void> {
    if (this.ended) return;
    const ended = once(this.worker, 'exit');
    this.worker.postMessage('close');
    await ended;
  }

  private end(error: Error): void {
    this.ended ??= new SqlAway(`PGlite ended (${error.message}); it is started again at the next question`);
    this.waiting?.reject(this.ended);
    this.waiting = undefined;
  }
}

/** One connection for all: whoever wants it waits in line. A cluster that broke is opened again for the next one. */
export class PglitePool implements PostgresPool {
  private last: Promise<void> = Promise.resolve();
  private cluster: OpenCluster | undefined;
  private ended = false;

  constructor(private readonly open: () => Promise<OpenCluster>) {}

  async connect(): Promise<PostgresPoolClient> {
    const before = this.last;
    let free: () => void = () => undefined;
    this.last = new Promise((resolve) => (free = resolve));
    await before;
    try {
      if (this.ended) throw new SqlAway('the read models are closed');
      if (!this.cluster?.isOpen) this.cluster = await this.open();
    } catch (error) {
      free();
      throw error;
    }
    const { cluster } = this;
    return {
      query: async (sql: string, parameters: readonly unknown[]) => withJson(await cluster.run(sql, parameters)),
      release: free,
    } as never;
  }

  /** After this nothing is opened any more. */
  async end(): Promise<void> {
    this.ended = true;
    await this.last;
    await this.cluster?.close();
  }
}
