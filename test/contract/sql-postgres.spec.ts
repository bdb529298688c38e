import { sql } from 'kysely';
import { MemoryLog } from '#store/memory-log.js';
import { PostgresSql } from '#store/sql-postgres.js';
import { SqlAway, SqlInUse } from '#store/sql-database.js';
import { follow, grow, MigrationFolder, read } from './following.js';
import { noPostgres, PrivatePostgres } from './private-postgres.js';
import { sqlContract } from './sql.contract.js';

let server: PrivatePostgres;
let schema = 0;
const url = (): string => server.url;
const open = async (): Promise<PostgresSql> => {
  schema += 1;
  const database = new PostgresSql(url(), { schema: `test_${process.pid}_${schema}` });
  await database.claim();
  return database;
};
const again = async (): Promise<PostgresSql> => new PostgresSql(url(), { schema: `test_${process.pid}_${schema}` });

const name = 'PostgreSQL under the read models';
if (noPostgres !== undefined) {
  it.skip(`${name} [skipped: ${noPostgres}]`, () => undefined);
} else {
  beforeAll(async () => {
    server = await PrivatePostgres.start();
  });
  afterAll(() => server.stop());
  sqlContract(name, { open, again, done: (database) => database.close() });

  describe('a server beside us', () => {
    it('takes read models from one service at a time', async () => {
      const first = await open();
      const second = await again();
      await expect(second.claim()).rejects.toThrow(SqlInUse);
      await expect(second.claim()).rejects.toThrow(/schema test_\d+_\d+: another service writes/);
      await first.close();
      await second.claim();
      await second.close();
    });

    it('may break off: the follower says so and goes on when it is back', async () => {
      const database = await open();
      const log = new MemoryLog();
      const migrations = new MigrationFolder();
      await grow(log, 20);
      const started = follow(log, database, migrations);
      await started.follower.reached(20, 60_000);
      const other = await open();
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()`
        .execute(other.db)
        .catch(() => undefined);
      await grow(log, 10);
      expect(await started.follower.reached(30, 60_000)).toBe(true);
      expect(await read(database)).toHaveLength(30);
      await started.follower.close();
      await Promise.all([database.close(), other.close()]);
      migrations.remove();
    });

    it('may break off between two statements of a transaction: the next one says so', async () => {
      const [database, other] = [await open(), await open()];
      const broken = database.db.transaction().execute(async (transaction) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
        const ended = new Promise((resolve) => setTimeout(resolve, 200));
        await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other.db);
        await ended;
        await sql`select 1`.execute(transaction);
      });
      await expect(broken).rejects.toThrow(SqlAway);
      expect((await sql`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
      await Promise.all([database.close(), other.close()]);
    });

    it('that is not there is an error of the read models, not of the service', async () => {
      const database = new PostgresSql('postgres://127.0.0.1:1/none');
      const migrations = new MigrationFolder();
      const { follower } = follow(new MemoryLog(), database, migrations);
      while ((await follower.state()).error === null) await new Promise((resolve) => setTimeout(resolve, 5));
      expect((await follower.state()).error).toMatch(
        /^postgres:\/\/127.0.0.1:1\/none, schema .*ECONNREFUSED.*; start the server/,
      );
      await expect(read(database)).rejects.toThrow(SqlAway);
      await follower.close();
      await database.close();
      migrations.remove();
    });
  });
}
