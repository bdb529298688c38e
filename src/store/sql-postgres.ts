import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import { SqlAway, SqlDatabase, SqlInUse } from './sql-database.js';

/** Where the tables lie in a database that others may use too. */
const SCHEMA = 'prometheus_ledger';
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

type Options = Readonly<{ schema?: string }>;

const EIGHT_BYTE_INTEGER = 20;
const MOST_CONNECTIONS = 8;
/** Codes of a server that refuses connections or ends them; an error without such a code is one of the network. */
const AWAY = /^(08|57P|53300|28|3D000)/;
/** As in PGlite: positions are numbers, not text. */
const typesOf = {
  getTypeParser: ((id: number, format?: 'text') =>
    id === EIGHT_BYTE_INTEGER ? Number : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser,
};

/** The address without its password. */
const withoutPassword = (url: string): string => {
  try {
    const { host, pathname } = new URL(url);
    return `postgres://${host}${pathname}`;
  } catch {
    return 'the database of DATABASE_URL';
  }
};

/** A PostgreSQL server. One service writes into a schema; a lock that ends with its connection sees to that. */
export class PostgresSql extends SqlDatabase {
  readonly db: Kysely<unknown>;
  readonly place: string;
  private readonly schema: string;
  private readonly connection: pg.ClientConfig;
  private holder: pg.Client | undefined;
  private closed = false;

  constructor(url: string, { schema = SCHEMA }: Options = {}) {
    super();
    if (!NAME.test(schema)) throw new RangeError(`schema: ${JSON.stringify(schema)} is not a plain lower-case name`);
    this.schema = schema;
    this.place = `${withoutPassword(url)}, schema ${schema}`;
    // Rows that are lost with a power cut are written anew from the log, so nobody waits for the disk.
    const options = `-c search_path=${schema} -c synchronous_commit=off`;
    this.connection = { connectionString: url, options, types: typesOf, connectionTimeoutMillis: 10_000 };
    this.db = new Kysely({ dialect: new PostgresDialect({ pool: async () => this.pool() }) });
  }

  async claim(): Promise<void> {
    if (this.closed) throw new SqlAway(`${this.place}: closed`);
    if (this.holder) return;
    const client = new pg.Client(this.connection);
    const lost = (): void => {
      if (this.holder === client) this.holder = undefined;
    };
    client.on('error', lost).on('end', lost);
    await client.connect().catch((error: unknown) => this.explain(error));
    try {
      const lock = `select pg_try_advisory_lock(hashtext($1), hashtext($2)) as ours`;
      const { rows } = await client.query<{ ours: boolean }>(lock, [SCHEMA, this.schema]);
      if (!rows[0]?.ours)
        throw new SqlInUse(
          `${this.place}: another service writes its read models here; stop it, or give this one a database of its own in DATABASE_URL`,
        );
      await client.query(`create schema if not exists ${this.schema}`);
    } catch (error) {
      await client.end();
      throw error;
    }
    this.holder = client;
    if (this.closed) await client.end();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.db.destroy();
    await this.holder?.end();
  }

  private pool(): PostgresPool {
    const pool = new pg.Pool({ ...this.connection, max: MOST_CONNECTIONS });
    // A connection that breaks while nobody uses it is replaced at its next use.
    pool.on('error', () => undefined);
    // One that breaks between two statements of a transaction is told to the next of them; nobody hearing it ends the process.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return {
      connect: async () => {
        if (this.closed) throw new SqlAway(`${this.place}: closed`);
        const client = await pool.connect().catch((error: unknown) => this.explain(error));
        const query = (text: string, values: readonly unknown[]) =>
          client.query(text, [...values]).catch((error: unknown) => this.explain(error));
        return { query, release: (broken?: boolean) => client.release(broken) } as never;
      },
      end: () => pool.end(),
    };
  }

  /** Says of an error that is about the server, and not about the statement, where it is and what to do. */
  private explain(error: unknown): never {
    const { code, message } = error as Readonly<{ code?: string; message: string }>;
    if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !AWAY.test(code)) throw error;
    throw new SqlAway(`${this.place}: ${message}; start the server, or correct DATABASE_URL`);
  }
}
