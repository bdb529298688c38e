import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { copyText } from './sql-copy-text.js';
import { SqlDatabase } from './sql-database.js';
import { OpenCluster, PglitePool } from './sql-pglite-pool.js';
import type { TableRows } from './sql-rows.js';

/** The folder of the read models could not be made. */
export class SqlUnusable extends Error {
  override readonly name = 'SqlUnusable';
}

/**
 * Shared buffers are memory of this process: the default of 128 MB costs 0.12 GB and makes nothing here faster. Commits stay
 * synchronous: no process beside this one would write what it has not, so a kill would lose it. Statistics from a tenth of
 * the rows give the same plans, and are gathered in 20 ms a table.
 */
const START = [
  ...PGlite.defaultStartParams,
  ...['shared_buffers=16MB', 'default_statistics_target=10'].flatMap((setting) => ['-c', setting]),
];
const INITIALISE = fileURLToPath(new URL('./sql-initialise.js', import.meta.url));
/** An empty cluster that the set-up made for this version of PGlite; where it is missing, one is made here. */
const EMPTY = fileURLToPath(new URL('../../build/views/cluster', import.meta.url));

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

/** In a process of its own, whose 0.8 GB are gone with it. */
const makeCluster = async (folder: string, signal: AbortSignal): Promise<void> => {
  const child = spawn(process.execPath, [INITIALISE, folder], { stdio: ['ignore', 'ignore', 'pipe'], signal });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new SqlUnusable(
      `${folder}: the database for the read models could not be made (exit code ${code}): ${said.trim().slice(-500)}; ` +
        'it needs about 50 MB of disk and, for five seconds, 0.9 GB of memory; or name a PostgreSQL server in DATABASE_URL',
    );
};

/**
 * An empty cluster, first under another name: a folder of the right name is a whole one. The name is this process's,
 * since the child of one that was killed may still be writing.
 */
const initialise = async (cluster: string, signal: AbortSignal): Promise<void> => {
  const folder = dirname(cluster);
  const left = (await readdir(folder)).filter((name) => name.startsWith(UNFINISHED));
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })));
  const unfinished = join(folder, `${UNFINISHED}${process.pid}`);
  await mkdir(unfinished);
  if (existsSync(EMPTY)) await cp(EMPTY, unfinished, { recursive: true });
  else await makeCluster(unfinished, signal);
  await rename(unfinished, cluster);
};

const isAbort = (error: unknown): boolean => (error as Partial<Error> | undefined)?.name === 'AbortError';

/**
 * PostgreSQL inside this process, in a folder and in a thread of its own. It is never flushed to disk (WebAssembly cannot),
 * so what it holds is thrown away when the machine was started anew since: everything in it follows from the log.
 */
export class PgliteSql extends SqlDatabase {
  readonly db: Kysely<unknown>;
  readonly place: string;
  private readonly closing = new AbortController();
  private readonly pool = new PglitePool(() => this.open());

  constructor(private readonly folder: string) {
    super();
    this.place = folder;
    this.db = new Kysely({ dialect: new PostgresDialect({ pool: this.pool }) });
  }

  /** Free: the log beside it has one writing process at a time, and only that one opens this folder. */
  async claim(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /** By `copy`, which takes two thirds of the time of any other statement. */
  override async insert(db: Kysely<unknown>, { table, rows, types }: TableRows): Promise<void> {
    const columns = [...types.keys()].map((name) => sql.ref(name));
    const { sql: copying } = sql`copy ${sql.table(table)} (${sql.join(columns)}) from '/dev/blob'`.compile(db);
    await db.executeQuery(CompiledQuery.raw(copying, [copyText(rows, types)]));
  }

  /** Waits for the transaction under way, but not for a cluster that is being made: the next start makes it. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.db.destroy().catch((error: unknown) => {
      if (!isAbort(error)) throw error;
    });
    // Kysely ends no pool that was never used, and would still use it.
    await this.pool.end();
  }

  private async open(): Promise<OpenCluster> {
    const [cluster, boot] = [join(this.folder, 'cluster'), join(this.folder, 'boot')];
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    if (bootOf(boot) !== thisBoot()) await rm(cluster, { recursive: true, force: true });
    if (!existsSync(cluster)) await initialise(cluster, this.closing.signal);
    await writeFile(boot, thisBoot());
    const opened = { dataDir: cluster, startParams: START };
    try {
      return await OpenCluster.open(opened);
    } catch {
      // Whatever broke it, the log has all that was in it.
      await rm(cluster, { recursive: true, force: true });
      await initialise(cluster, this.closing.signal);
      return OpenCluster.open(opened);
    }
  }
}
