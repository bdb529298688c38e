import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite, types } from '@electric-sql/pglite';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { SqlDatabase } from './sql-database.js';

/** The folder of the read models could not be made. */
export class SqlUnusable extends Error {
  override readonly name = 'SqlUnusable';
}

/** Shared buffers are memory of this process: the default of 128 MB costs 0.12 GB and makes nothing here faster. */
const START = [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB', '-c', 'synchronous_commit=off'];
const INITIALISE = fileURLToPath(new URL('./sql-initialise.js', import.meta.url));

/** Which start of the machine this is; empty where that cannot be known. */
const thisBoot = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
};

const bootOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
};

const UNFINISHED = 'unfinished-';

/**
 * Makes an empty cluster in a process of its own, whose 0.8 GB are gone with it, under another name: a folder of the
 * right name is a whole one. The name is this process's, since the child of one that was killed may still be writing.
 */
const initialise = async (cluster: string, signal: AbortSignal): Promise<void> => {
  const folder = dirname(cluster);
  const left = (await readdir(folder)).filter((name) => name.startsWith(UNFINISHED));
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })));
  const unfinished = join(folder, `${UNFINISHED}${process.pid}`);
  const child = spawn(process.execPath, [INITIALISE, unfinished], { stdio: ['ignore', 'ignore', 'pipe'], signal });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new SqlUnusable(
      `${unfinished}: the database for the read models could not be made (exit code ${code}): ${said.trim().slice(-500)}; ` +
        'it needs about 50 MB of disk and, for five seconds, 0.9 GB of memory; or name a PostgreSQL server in DATABASE_URL',
    );
  await rename(unfinished, cluster);
};

const isAbort = (error: unknown): boolean => (error as Partial<Error> | undefined)?.name === 'AbortError';

/** One connection for all: whoever wants it waits in line. */
class OneConnection implements PostgresPool {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly pglite: PGlite) {}

  async connect(): Promise<PostgresPoolClient> {
    const before = this.last;
    let free: () => void = () => undefined;
    this.last = new Promise((resolve) => (free = resolve));
    await before;
    return {
      query: (sql: string, parameters: readonly unknown[]) => this.query(sql, parameters),
      release: free,
    } as never;
  }

  async end(): Promise<void> {
    await this.last;
    await this.pglite.close();
  }

  private async query(sql: string, parameters: readonly unknown[]): Promise<unknown> {
    const result =
      parameters.length > 0 ? await this.pglite.query(sql, [...parameters]) : (await this.pglite.exec(sql)).at(-1);
    return { command: result?.command ?? '', rowCount: result?.affectedRows ?? 0, rows: result?.rows ?? [] };
  }
}

/**
 * PostgreSQL inside this process, in a folder. It is never flushed to disk (WebAssembly cannot), so what it holds is
 * thrown away when the machine was started anew since: everything in it follows from the log.
 */
export class PgliteSql extends SqlDatabase {
  readonly db: Kysely<unknown>;
  readonly place: string;
  private readonly closing = new AbortController();

  constructor(private readonly folder: string) {
    super();
    this.place = folder;
    this.db = new Kysely({ dialect: new PostgresDialect({ pool: () => this.open() }) });
  }

  /** Free: the log beside it has one writing process at a time, and only that one opens this folder. */
  async claim(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Waits for the transaction under way, but not for a cluster that is being made: the next start makes it. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.db.destroy().catch((error: unknown) => {
      if (!isAbort(error)) throw error;
    });
  }

  private async open(): Promise<PostgresPool> {
    const [cluster, boot] = [join(this.folder, 'cluster'), join(this.folder, 'boot')];
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    if (bootOf(boot) !== thisBoot()) await rm(cluster, { recursive: true, force: true });
    if (!existsSync(cluster)) await initialise(cluster, this.closing.signal);
    await writeFile(boot, thisBoot());
    try {
      return await this.start(cluster);
    } catch {
      // Whatever broke it, the log has all that was in it.
      await rm(cluster, { recursive: true, force: true });
      await initialise(cluster, this.closing.signal);
      return this.start(cluster);
    }
  }

  private async start(cluster: string): Promise<PostgresPool> {
    const parsers = { [types.INT8]: Number };
    return new OneConnection(await PGlite.create({ dataDir: cluster, startParams: START, parsers }));
  }
}
