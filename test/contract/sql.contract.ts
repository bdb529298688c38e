import { sql } from 'kysely';
import { MemoryLog } from '#store/memory-log.js';
import type { SqlDatabase } from '#store/sql-database.js';
import { migrate, MigrationRefused, readMigrations } from '#store/sql-migrations.js';
import { range } from './collecting.js';
import { follow, grow, MigrationFolder, note, notes, plain, read, stopped } from './following.js';
import { statementsContract } from './sql-statements.contract.js';

const LONG_MS = 60_000;

export type Opening = Readonly<{
  /** An empty one. */
  open: () => Promise<SqlDatabase>;
  /** The same one as another process finds it; the one before is closed. */
  again: () => Promise<SqlDatabase>;
  /** After a test. */
  done: (database: SqlDatabase) => Promise<void>;
}>;

/** What every database under the read models must do. */
export const sqlContract = (name: string, { open, again, done }: Opening): void => {
  describe(name, () => {
    let database: SqlDatabase;
    let log: MemoryLog;
    let migrations: MigrationFolder;
    beforeEach(async () => {
      database = await open();
      await database.claim();
      log = new MemoryLog();
      migrations = new MigrationFolder();
    });
    afterEach(async () => {
      await log.close();
      await done(database);
      migrations.remove();
    });

    it.each([
      { note: 'Zoë 🙂', size: 0.1 + 0.2, said: { b: [1, null], a: 'x' }, loud: true },
      { note: 'a\tb\nc\r\\d \\N \\.', size: -5e-324, said: ['a\tb\nc\r\\d "e"'], loud: false },
      { note: '\\N', size: null, said: 'a text alone', loud: null },
      { note: '', size: 1.7976931348623157e308, said: 0, loud: true },
    ])('gives back numbers, texts, truth and JSON as they were written: %j', async (data) => {
      const model = notes((position, { note, size, said, loud }) => ({
        notes: [{ position, note, size, said, loud }],
      }));
      await log.append('s', 'any', [{ ...note(''), data }]);
      const { follower } = follow(log, database, migrations, { models: [model] });
      expect(await follower.reached(1, LONG_MS)).toBe(true);
      expect(await read(database)).toEqual([{ position: 1, ...data }]);
      await follower.close();
    });

    statementsContract(() => database);

    it('undoes a transaction that fails, and goes on', async () => {
      await migrate(database, await readMigrations(migrations.path));
      const failing = database.db.transaction().execute(async (transaction) => {
        await sql`insert into notes (position) values (1)`.execute(transaction);
        await sql`insert into notes (position) values (1)`.execute(transaction);
      });
      await expect(failing).rejects.toThrow(/duplicate key/);
      expect(await read(database)).toEqual([]);
    });

    it('opens nothing when it was closed before its first use', async () => {
      await database.close();
      const unused = await again();
      await unused.close();
      await expect(sql`select 1`.execute(unused.db)).rejects.toThrow(/closed/);
      database = await again();
    });

    it('carries questions out while a transaction is open, each on its own', async () => {
      await migrate(database, await readMigrations(migrations.path));
      const write = database.db.transaction().execute(async (transaction) => {
        for (const position of range(1, 20))
          await sql`insert into notes (position) values (${position})`.execute(transaction);
      });
      const counts = await Promise.all(range(1, 20).map(() => read(database)));
      await write;
      expect(counts.every(({ length }) => length === 0 || length === 20)).toBe(true);
      expect(await read(database)).toHaveLength(20);
    });

    it('migrates forward only, once each, and refuses what was edited, removed or misnamed', async () => {
      const now = async () => migrate(database, await readMigrations(migrations.path));
      expect(await now()).toEqual(['0001_notes.sql']);
      migrations.write(
        '0002_more.sql',
        'alter table notes add column more text; alter table notes add column most text',
      );
      expect(await now()).toEqual(['0002_more.sql']);
      expect(await now()).toEqual([]);
      migrations.write(
        '0003_broken.sql',
        'alter table notes add column last text; alter table nowhere add column x text',
      );
      await expect(now()).rejects.toThrow(/nowhere/);
      await expect(sql`select last from notes`.execute(database.db)).rejects.toThrow(/last/);
      migrations.write('0003_broken.sql', 'alter table notes add column last text');
      migrations.write('0002_more.sql', 'select 1');
      await expect(now()).rejects.toThrow(MigrationRefused);
      await expect(now()).rejects.toThrow(/0002_more.sql: it was changed after it was carried out/);
      migrations.write('0005_gap.sql', 'select 1');
      await expect(now()).rejects.toThrow(/must be named 0004_name.sql/);
    });

    it('has caught up on an empty log only once there are tables to ask', async () => {
      const { follower } = follow(log, database, migrations);
      expect(await follower.caughtUp(LONG_MS)).toBe(true);
      expect(await read(database)).toEqual([]);
      await follower.close();
    });

    it('has caught up only with all that the log holds at that moment', async () => {
      const { follower } = follow(log, database, migrations);
      for (const last of range(1, 20)) {
        await grow(log, 1);
        expect(await follower.caughtUp(LONG_MS)).toBe(true);
        expect(follower.position).toBe(last);
      }
      await follower.close();
    });

    it('follows the log, live and through several batches', async () => {
      await grow(log, 100);
      const { follower } = follow(log, database, migrations, { batch: 16 });
      expect(await follower.reached(100, LONG_MS)).toBe(true);
      const waiting = follower.reached(103, LONG_MS);
      await grow(log, 3);
      expect(await waiting).toBe(true);
      expect(await follower.state()).toEqual({ position: 103, lag: 0, error: null, rebuilt: null });
      expect(await follower.reached(104, 1)).toBe(false);
      expect((await read(database)).map(({ position }) => position)).toEqual(range(1, 103));
      await follower.close();
    });

    it('goes on where it was, after a close and in another process', async () => {
      await grow(log, 20);
      const first = follow(log, database, migrations);
      await first.follower.reached(20, LONG_MS);
      await first.follower.close();
      expect(await first.follower.reached(21, LONG_MS)).toBe(false);
      await grow(log, 20);
      await database.close();
      database = await again();
      const second = follow(log, database, migrations);
      expect(await second.follower.reached(40, LONG_MS)).toBe(true);
      expect(await read(database)).toHaveLength(40);
      expect(second.said).toEqual([]);
      await second.follower.close();
    });

    it.each([
      ['a read model has another version', { models: [{ ...plain, version: 2 }] }, () => undefined],
      [
        'there is a new migration',
        {},
        (folder: MigrationFolder) => folder.write('0002_x.sql', 'create table x (position bigint)'),
      ],
    ])('writes everything anew when %s', async (_why, options, change) => {
      await grow(log, 20);
      const first = follow(log, database, migrations);
      await first.follower.reached(20, LONG_MS);
      await first.follower.close();
      await sql`update notes set note = 'forged'`.execute(database.db);
      change(migrations);
      const second = follow(log, database, migrations, options);
      expect(await second.follower.reached(20, LONG_MS)).toBe(true);
      expect(second.said).toEqual([
        expect.stringContaining('written anew from the log, since their definition changed'),
      ]);
      expect((await read(database)).map(({ note }) => note)).toEqual(range(0, 19).map((at) => `n${at}`));
      await second.follower.close();
    });

    it.each([
      ['shorter', 12, 'n', 'the log is shorter than the 20 records'],
      ['another one', 30, 'other', 'the record at position 20 is not the one'],
    ])('writes everything anew when the log is %s', async (_what, length, word, why) => {
      await grow(log, 20);
      const first = follow(log, database, migrations);
      await first.follower.reached(20, LONG_MS);
      await first.follower.close();
      await log.close();
      log = new MemoryLog();
      await grow(log, length, word);
      const second = follow(log, database, migrations);
      expect(await second.follower.reached(length, LONG_MS)).toBe(true);
      expect(second.said).toEqual([expect.stringContaining(why)]);
      expect(await second.follower.state()).toMatchObject({ lag: 0, rebuilt: expect.stringContaining(why) });
      expect((await read(database)).map(({ note }) => note)).toEqual(range(0, length - 1).map((at) => `${word}${at}`));
      await second.follower.close();
    });

    it.each([
      ['throws', () => JSON.parse('{') as never, 'read model notes at position 17'],
      ['names a table that is not its own', () => ({ others: [{}] }), 'it writes to others'],
      [
        'names a column that is not there',
        (position: number) => ({ notes: [{ position, colour: 1 }] }),
        'no column colour',
      ],
      ['forgets the position', () => ({ notes: [{ note: 'x' }] }), "has not the event's position"],
      ['gives a row that the table refuses', (position: number) => ({ notes: [{ position, size: 'tall' }] }), 'tall'],
      ['gives a row twice', (position: number) => ({ notes: [{ position }, { position }] }), 'duplicate key'],
    ])(
      'says so and stays where it is when a read model %s, and goes on once it is mended',
      async (_what, fault, why) => {
        await grow(log, 30);
        let mended = false;
        const model = notes((position, data) =>
          position === 17 && !mended ? fault(position) : { notes: [{ position, note: data['note'] }] },
        );
        const started = follow(log, database, migrations, { models: [model] });
        expect(await stopped(started)).toContain(why);
        expect(await started.follower.state()).toMatchObject({ position: 16, lag: 14 });
        expect(await read(database)).toHaveLength(16);
        mended = true;
        expect(await started.follower.reached(30, LONG_MS)).toBe(true);
        expect((await started.follower.state()).error).toBe(null);
        expect(started.said).toEqual([expect.stringContaining(why), expect.stringContaining('going on')]);
        await started.follower.close();
      },
    );

    it('keeps text that the database has no place for', async () => {
      await log.append('s', 'any', [note('a\0b')]);
      const { follower } = follow(log, database, migrations);
      expect(await follower.reached(1, LONG_MS)).toBe(true);
      expect(await read(database)).toMatchObject([{ note: 'a\u{fffd}b' }]);
      await follower.close();
    });

    it('says when a read model has a table that no migration makes', async () => {
      const started = follow(log, database, migrations, { models: [{ ...plain, tables: ['notes', 'nowhere'] }] });
      expect(await stopped(started)).toContain('no migration makes a table nowhere');
      await started.follower.close();
    });
  });
};
