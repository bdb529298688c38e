import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { ReadModel, Rows } from '#doors/read-model.js';
import type { Log } from '#ledger/log.js';
import type { SqlDatabase } from '#store/sql-database.js';
import { SqlFollower } from '#store/sql-follower.js';
import { fresh } from './proposing.js';

const FIRST = `create table notes (position bigint primary key, note text, size double precision, said json, loud boolean);
create index on notes (note);`;

/** A folder of migrations that a test may change. */
export class MigrationFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'migrations-'));

  constructor() {
    mkdirSync(this.path, { recursive: true });
    this.write('0001_notes.sql', FIRST);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

export const notes = (rows: (position: number, data: Record<string, unknown>) => Rows, version = 1): ReadModel => ({
  name: 'notes',
  version,
  tables: ['notes'],
  rows: ({ position, record }) => rows(position, record.data),
});

export const plain = notes((position, data) => ({ notes: [{ position, note: data['note'] ?? null }] }));

export const note = (text: string) => fresh({ note: text });

/** Appends so many events, in appends of a few. */
export const grow = async (log: Log, count: number, name = 'n'): Promise<void> => {
  for (let at = 0; at < count; at += 7)
    await log.append(
      'stream',
      'any',
      Array.from({ length: Math.min(7, count - at) }, (_, each) => note(`${name}${at + each}`)),
    );
};

export const read = async (database: SqlDatabase): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await sql<Record<string, unknown>>`select * from notes order by position`.execute(database.db)).rows;

export type Started = Readonly<{ follower: SqlFollower; said: readonly string[] }>;

/** A follower at work, and what it says to its operator. */
export const follow = (
  log: Log,
  database: SqlDatabase,
  migrations: MigrationFolder,
  options: Partial<ConstructorParameters<typeof SqlFollower>[2]> = {},
): Started => {
  const said: string[] = [];
  const notice = (line: string): void => {
    said.push(line);
  };
  const follower = new SqlFollower(log, database, { models: [plain], migrations: migrations.path, notice, ...options });
  follower.start();
  return { follower, said };
};

/** Waits until the follower says what stops it. */
export const stopped = async ({ follower }: Started): Promise<string> => {
  for (;;) {
    const { error } = await follower.state();
    if (error !== null) return error;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
