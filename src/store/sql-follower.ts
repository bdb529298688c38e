import { setTimeout as pause } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { Views, type ReadModel, type ViewsState } from '#doors/read-model.js';
import { sha256 } from '#ledger/digest.js';
import { headOf, type Log, type Recorded } from '#ledger/log.js';
import { leafHash } from '#ledger/merkle.js';
import { canonicalJson } from '#ledger/record.js';
import type { SqlDatabase } from './sql-database.js';
import { migrate, MIGRATIONS, readMigrations, type Migration } from './sql-migrations.js';
import { columnsOf, empty, rowsOf, type Columns, type TableRows } from './sql-rows.js';
import { Statistics } from './sql-statistics.js';

/** The first pause after a failure; each further one is twice as long, up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 60_000;
/** Events in one transaction: short enough that a question in between waits for a twentieth of a second at most. */
const BATCH = 1000;

export type Following = Readonly<{
  /** Default: `views`. Two followers of one database differ in name and in their tables. */
  name?: string;
  models: readonly ReadModel[];
  batch?: number;
  migrations?: string;
  /** Hears what an operator should know: a rebuild, a failure, its end. */
  notice?: (line: string) => void;
}>;

type Row = Readonly<{ position: number; leaf: string | null; definition: string }>;

const leafOf = ({ bytes }: Recorded): string => Buffer.from(leafHash(bytes)).toString('hex');

const definitionOf = (models: readonly ReadModel[], migrations: readonly Migration[]): string =>
  sha256(
    canonicalJson({
      models: models.map(({ name, version }) => `${name} ${version}`).sort(),
      migrations: migrations.map(({ checksum }) => checksum),
    }),
  );

type Waiter = Readonly<{ position: number; tell: (reached: boolean) => void }>;

/**
 * Follows the log and writes the rows of all read models, with its own place, in one transaction for each batch. What
 * stops it (a read model's fault, a server that is away) is told in its state and tried again; it never ends by itself.
 */
export class SqlFollower extends Views {
  position = 0;
  /** Whether there are tables to ask. */
  private opened = false;
  private error: string | null = null;
  private rebuilt: string | null = null;
  private size = 1;
  private running: Promise<void> | undefined;
  private waiters: readonly Waiter[] = [];
  private readonly closing = new AbortController();
  private readonly name: string;
  private readonly batch: number;
  private readonly statistics: Statistics;

  constructor(
    private readonly log: Log,
    private readonly database: SqlDatabase,
    private readonly following: Following,
  ) {
    super();
    this.name = following.name ?? 'views';
    this.batch = following.batch ?? BATCH;
    this.statistics = new Statistics(following.models);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Ends after the batch under way; the database stays open. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const { tell } of this.waiters) tell(false);
    await this.running;
  }

  async state(): Promise<ViewsState> {
    const head = await headOf(this.log);
    const { position, error, rebuilt } = this;
    return { position, lag: Math.max(0, head - position), error, rebuilt };
  }

  async reached(position: number, timeoutMs: number): Promise<boolean> {
    if (this.opened && this.position >= position) return true;
    if (timeoutMs <= 0 || this.closing.signal.aborted) return false;
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.tell(false), timeoutMs);
      const tell = (reached: boolean): void => {
        clearTimeout(timer);
        this.waiters = this.waiters.filter((other) => other !== waiter);
        resolve(reached);
      };
      const waiter: Waiter = { position, tell };
      this.waiters = [...this.waiters, waiter];
    });
  }

  async caughtUp(timeoutMs: number): Promise<boolean> {
    return this.reached(await headOf(this.log), this.error === null ? timeoutMs : 0);
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted;) {
      const before = this.position;
      try {
        await this.follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        const wasOne = this.size === 1;
        this.size = 1;
        // A batch that fails is taken apart first, so that what can be written is, and the event that cannot is named.
        if (!wasOne) continue;
        this.fail(error);
        if (this.position > before) pauseMs = FIRST_PAUSE_MS;
        await pause(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }

  private fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text !== this.error) this.say(`cannot go on after position ${this.position}: ${text}`);
    this.error = text;
  }

  private recover(): void {
    if (this.error !== null) this.say(`going on after position ${this.position}`);
    this.error = null;
  }

  private say(line: string): void {
    this.following.notice?.(`read models: ${line}`);
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const columns = await this.prepare();
    let head = await headOf(this.log);
    if (this.position >= head) this.recover();
    let batch: Recorded[] = [];
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const entry of this.log.subscribe({ after: this.position, signal })) {
        batch.push(entry);
        if (entry.position > head) head = await headOf(this.log);
        if (batch.length < this.size && entry.position < head) continue;
        const written = { last: entry, rows: rowsOf(this.following.models, batch, columns) };
        batch = [];
        await writing;
        writing = this.write(written);
        // The next batch is read while this one is written; where there is none yet, nothing may be left open.
        if (entry.position >= head) {
          await writing;
          await this.statistics.gather(this.database.db, entry.position);
        }
        writing.catch(() => undefined);
      }
    } finally {
      await writing;
    }
  }

  private async write({ last, rows }: Readonly<{ last: Recorded; rows: readonly TableRows[] }>): Promise<void> {
    const { db, place } = this.database;
    await this.database.claim();
    await db.transaction().execute(async (transaction) => {
      for (const some of rows) await this.database.insert(transaction, some);
      const { numAffectedRows } = await sql`update followers set position = ${last.position}, leaf = ${leafOf(last)}
        where name = ${this.name} and position = ${this.position}`.execute(transaction);
      if (numAffectedRows !== 1n) throw new Error(`${place}: another service has written read models here meanwhile`);
    });
    this.size = Math.min(2 * this.size, this.batch);
    this.arrive(last.position);
    this.recover();
  }

  private arrive(position: number): void {
    this.position = position;
    for (const waiter of this.waiters) if (waiter.position <= position) waiter.tell(true);
  }

  /** Opens the tables, and begins anew where they do not follow from this log by these read models. */
  private async prepare(): Promise<Columns> {
    const { database, following } = this;
    const { db } = database;
    await database.claim();
    const migrations = await readMigrations(following.migrations ?? MIGRATIONS);
    await migrate(database, migrations);
    await sql`create table if not exists followers (
      name text primary key, position bigint not null, leaf text, definition text not null)`.execute(db);
    const columns = await columnsOf(db, following.models);
    const definition = definitionOf(following.models, migrations);
    const { rows } = await sql<Row>`select position, leaf, definition from followers where name = ${this.name}`.execute(
      db,
    );
    const [before] = rows;
    const why = before && (await this.whyAnew(before, definition));
    const anew = !before || why !== undefined;
    if (anew) await this.begin(db, definition, why);
    this.opened = true;
    this.arrive(anew ? 0 : before.position);
    return columns;
  }

  private async whyAnew({ position, leaf, definition }: Row, now: string): Promise<string | undefined> {
    if (definition !== now) return 'their definition changed';
    if (position === 0) return undefined;
    for await (const entry of this.log.readAll({ from: position, limit: 1 }))
      if (entry.position === position && leafOf(entry) === leaf) return undefined;
      else return `the record at position ${position} is not the one they follow from`;
    return `the log is shorter than the ${position} records they follow from`;
  }

  private async begin(db: Kysely<unknown>, definition: string, why: string | undefined): Promise<void> {
    if (why !== undefined) {
      this.say(`dropped and written anew from the log, since ${why}`);
      this.rebuilt = why;
    }
    this.position = 0;
    await db.transaction().execute(async (transaction) => {
      await empty(transaction, this.following.models);
      await sql`delete from followers where name = ${this.name}`.execute(transaction);
      await sql`insert into followers values (${this.name}, 0, null, ${definition})`.execute(transaction);
    });
  }
}
