import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sql, type Kysely } from 'kysely';
import { sha256 } from '#ledger/digest.js';
import type { SqlDatabase } from './sql-database.js';

/** The folder of the migrations: beside `dist` and `src`. */
export const MIGRATIONS = fileURLToPath(new URL('../../migrations/', import.meta.url));

/** A migration that is in the database already and reads otherwise now, or a folder that is none. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

export type Migration = Readonly<{ number: number; file: string; text: string; checksum: string }>;

const NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** Every migration of a folder in its order: `NNNN_name.sql`, from 0001 on without a gap. @throws MigrationRefused */
export const readMigrations = async (folder: string): Promise<readonly Migration[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, at) => {
      const number = Number(NAME.exec(file)?.[1]);
      if (number !== at + 1)
        throw new MigrationRefused(
          `${folder}${file}: the migration at place ${at + 1} must be named ${String(at + 1).padStart(4, '0')}_name.sql (a-z, 0-9, _)`,
        );
      const text = await readFile(`${folder}/${file}`, 'utf8');
      return { number, file, text, checksum: sha256(text) };
    }),
  );
};

type Applied = Readonly<{ number: number; file: string; checksum: string }>;

const applied = async (db: Kysely<unknown>): Promise<readonly Applied[]> => {
  await sql`create table if not exists migrations (
    number integer primary key, file text not null, checksum text not null)`.execute(db);
  return (await sql<Applied>`select number, file, checksum from migrations order by number`.execute(db)).rows;
};

/**
 * Brings a database forward, each migration in a transaction of its own. Never backward.
 * @throws MigrationRefused when one that was carried out was edited or is gone
 */
export const migrate = async (
  { db, place }: SqlDatabase,
  migrations: readonly Migration[],
): Promise<readonly string[]> => {
  const before = await applied(db);
  for (const { number, file, checksum } of before) {
    const now = migrations[number - 1];
    if (now?.checksum === checksum) continue;
    const what = now ? 'was changed after it was carried out' : 'was carried out, but this build does not have it';
    throw new MigrationRefused(
      `migrations/${now?.file ?? file}: it ${what}; put it back and add a new one, or remove all read models (${place}): they are written anew from the log`,
    );
  }
  const open = migrations.slice(before.length);
  for (const { number, file, text, checksum } of open)
    await db.transaction().execute(async (transaction) => {
      await sql.raw(text).execute(transaction);
      await sql`insert into migrations values (${number}, ${file}, ${checksum})`.execute(transaction);
    });
  return open.map(({ file }) => file);
};
