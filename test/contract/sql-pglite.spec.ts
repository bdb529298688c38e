import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { MemoryLog } from '#store/memory-log.js';
import { PgliteSql } from '#store/sql-pglite.js';
import { follow, grow, MigrationFolder, read } from './following.js';
import { sqlContract } from './sql.contract.js';

let folder = '';
const views = (): string => join(folder, 'views');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'views-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

let database: PgliteSql;
const again = async (): Promise<PgliteSql> => (database = new PgliteSql(views()));
const open = async (): Promise<PgliteSql> => {
  database ??= await again();
  await sql`drop schema public cascade`.execute(database.db);
  await sql`create schema public`.execute(database.db);
  return database;
};

sqlContract('PGlite under the read models', { open, again, done: () => Promise.resolve() });

describe('the folder of the read models', () => {
  const filled = async (log: MemoryLog, migrations: MigrationFolder): Promise<readonly string[]> => {
    const database = new PgliteSql(views());
    const { follower, said } = follow(log, database, migrations);
    expect(await follower.reached(30, 60_000)).toBe(true);
    expect(await read(database)).toHaveLength(30);
    await follower.close();
    await database.close();
    return said;
  };
  let log: MemoryLog;
  let migrations: MigrationFolder;
  beforeAll(async () => {
    await open();
    await database.close();
    log = new MemoryLog();
    migrations = new MigrationFolder();
    await grow(log, 30);
  });
  afterAll(() => migrations.remove());

  it('is readable by its owner alone', async () => {
    expect((await stat(views())).mode & 0o077).toBe(0);
  });

  it('is filled anew after the machine was started anew', async () => {
    await filled(log, migrations);
    await writeFile(join(views(), 'boot'), 'an earlier boot');
    await filled(log, migrations);
    expect((await readdir(views())).sort()).toEqual(['boot', 'cluster']);
  });

  it.each([
    ['a file of it is gone', () => rm(join(views(), 'cluster', 'global', 'pg_control'))],
    [
      'its making was cut short',
      async () => {
        await rename(join(views(), 'cluster'), join(views(), 'unfinished-1'));
        await rm(join(views(), 'unfinished-1', 'PG_VERSION'));
      },
    ],
  ])('is filled anew when %s', async (_what, breakIt) => {
    await breakIt();
    await filled(log, migrations);
    expect((await readdir(views())).sort()).toEqual(['boot', 'cluster']);
  });

  it('may be given up while it is being made, and is whole at the next start', async () => {
    const place = join(folder, 'early');
    const early = new PgliteSql(place);
    const given = follow(log, early, migrations);
    while (!(await readdir(place).catch(() => [])).some((name) => /^(unfinished-|cluster)/.test(name)))
      await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all([given.follower.close(), early.close()]);
    const next = new PgliteSql(place);
    const { follower } = follow(log, next, migrations);
    expect(await follower.reached(30, 60_000)).toBe(true);
    await follower.close();
    await next.close();
    expect((await readdir(place)).sort()).toEqual(['boot', 'cluster']);
  });

  it('survives its process being killed in the middle of writing', async () => {
    const script = fileURLToPath(new URL('./views-child.js', import.meta.url));
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, [script, views()], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = createInterface({ input: child.stdout });
      for await (const line of lines) if (Number(line) >= 100 * (round + 1)) break;
      child.kill('SIGKILL');
      await once(child, 'exit');
      const database = new PgliteSql(views());
      const [{ place, most, rows } = { place: 0, most: 0, rows: 0 }] = (
        await sql<{ place: number; most: number; rows: number }>`
          select (select position from followers) as place, max(position) as most, count(*) as rows from notes`.execute(
          database.db,
        )
      ).rows;
      expect(place).toBeGreaterThanOrEqual(100 * (round + 1));
      expect([most, rows]).toEqual([place, place]);
      await database.close();
    }
  });
});
