import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Recorded } from '#ledger/log.js';
import { decide } from '#ledger/ledger.js';
import { advanceRun } from '#loop/run-loop.js';
import { haltRun, resumeRun, rollBack } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { runReadModel } from '#run/run-rows.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import type { SqlDatabase } from '#store/sql-database.js';
import { SqlFollower } from '#store/sql-follower.js';
import { PgliteSql } from '#store/sql-pglite.js';
import { PostgresSql } from '#store/sql-postgres.js';
import { all } from '../contract/collecting.js';
import { noPostgres, PrivatePostgres } from '../contract/private-postgres.js';
import { Asking } from '../simulation/asking.js';
import { begin, rash, smallFile, smallPorts } from '../simulation/small-run.js';

const human = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const LONG_MS = 60_000;
/** Histories that are tried on each database. */
const RUNS = process.env['TEST_SCOPE'] === 'full' ? 12 : 3;

/** Everything that a small real run does: accepts, refuses, is halted and resumed, goes back to its anchor. */
const realRun = async (): Promise<readonly Recorded[]> => {
  const ports = smallPorts();
  const { regime } = smallFile('a') as { regime: object };
  const regimes = [
    { fromCycle: 1, regime },
    { fromCycle: 2, regime: rash },
  ];
  await begin(ports, smallFile('small', { regime: regimes }));
  await decide(ports.ledger, runStream, 'small', haltRun('lunch', 'ada'), human);
  await decide(ports.ledger, runStream, 'small', resumeRun('back', 'ada'), human);
  const { champion, anchor } = await advanceRun(ports, 'small');
  if (anchor && champion !== anchor.checkpoint) {
    await decide(ports.ledger, runStream, 'small', rollBack(anchor.checkpoint, 'drill', 'ada'), human);
    await advanceRun(ports, 'small');
  }
  await ports.shadow.close();
  return all(ports.ledger.log.readAll());
};

const STREAM = 'run-small';
const NAMES = ['small', 'other', 'third'];
const ids = new CountedIds(0x777_0000);

/** Several runs of that kind in one log, their events in any order that keeps each stream's; each may end anywhere. */
const historyOf = async (
  real: readonly Recorded[],
  choices: readonly number[],
  lengths: readonly number[],
): Promise<MemoryLog> => {
  const log = new MemoryLog();
  const own = real.filter(({ record }) => record.stream === STREAM);
  const left = NAMES.map((_, at) => own.slice(0, Math.ceil(own.length * (lengths[at] ?? 1))));
  for (let step = 0; left.some((entries) => entries.length > 0); step += 1) {
    const open = left.map((entries, at) => ({ entries, at })).filter(({ entries }) => entries.length > 0);
    const { entries, at } = open[(choices[step % choices.length] ?? 0) % open.length] ?? { entries: [], at: 0 };
    const entry = entries.shift();
    if (!entry) continue;
    const { stream: _stream, revision: _revision, ...proposed } = entry.record;
    await log.append(`run-${NAMES[at]}`, 'any', [{ ...proposed, id: ids.next() }]);
  }
  return log;
};

const rowsIn = async (database: SqlDatabase): Promise<Readonly<Record<string, readonly unknown[]>>> => {
  const found: Record<string, readonly unknown[]> = {};
  for (const table of runReadModel.tables)
    found[table] = (
      await sql`select * from ${sql.table(table)} t order by position, row_to_json(t)::text`.execute(database.db)
    ).rows;
  return found;
};

/** What is true of read models on any database. `fresh` gives an empty one. */
const properties = (fresh: () => Promise<SqlDatabase>, done: (database: SqlDatabase) => Promise<void>): void => {
  let real: readonly Recorded[];
  beforeAll(async () => {
    real = await realRun();
  }, 120_000);

  it('are the same whether they grew, in batches of any size and past any crash, or were written in one go', async () => {
    const batches = fc.array(fc.record({ size: fc.integer({ min: 1, max: 40 }), dies: fc.boolean() }), {
      minLength: 1,
    });
    const choices = fc.array(fc.nat(20), { minLength: 1, maxLength: 50 });
    const lengths = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
    const holds = async (lives: readonly { size: number; dies: boolean }[], picks: number[], ends: number[]) => {
      const log = await historyOf(real, picks, [1, ...ends]);
      const database = await fresh();
      let [at, life] = [0, 0];
      while (at < log.head()) {
        const { size, dies } = lives[life % lives.length] ?? { size: 1, dies: false };
        life += 1;
        const goal = Math.min(log.head(), at + size);
        const deadly = {
          ...runReadModel,
          rows: (entry: Recorded) => (dies && entry.position > goal ? die() : runReadModel.rows(entry)),
        };
        const follower = new SqlFollower(log, database, { models: [deadly], batch: size });
        follower.start();
        if (!(await follower.reached(goal, LONG_MS))) throw new Error((await follower.state()).error ?? 'too slow');
        await follower.close();
        at = follower.position;
      }
      const grown = await rowsIn(database);
      const again = new SqlFollower(log, database, { models: [{ ...runReadModel, version: 999 }], batch: 1000 });
      again.start();
      await again.reached(log.head(), LONG_MS);
      expect((await again.state()).rebuilt).toBe('their definition changed');
      await again.close();
      expect(await rowsIn(database)).toEqual(grown);
      await done(database);
    };
    await fc.assert(fc.asyncProperty(batches, choices, lengths, holds), { numRuns: RUNS, endOnFailure: true });
  });

  it('answer as of any position as they would if the log ended there', async () => {
    const log = await historyOf(real, [1, 0, 2, 2, 1], [1, 0.8, 0.3]);
    const entries = await all(log.readAll());
    const whole = await fresh();
    const later = new Asking(log, whole);
    const wanted: unknown[] = [];
    await later.views.reached(entries.length, LONG_MS);
    const positions = entries.map(({ position }) => position).filter((position) => position % 7 === 0 || position < 4);
    for (const position of positions)
      wanted.push([await later.everything(NAMES, position), await liveAt(later, { position })]);
    await later.close();
    await done(whole);
    const growing = new MemoryLog();
    const alone = await fresh();
    const then = new Asking(growing, alone);
    const found: unknown[] = [];
    for (const { position, record } of entries) {
      const { stream, revision: _revision, ...proposed } = record;
      await growing.append(stream, 'any', [proposed]);
      if (!positions.includes(position)) continue;
      await then.views.reached(position, LONG_MS);
      found.push([await then.everything(NAMES, position), await liveAt(then, {})]);
    }
    await then.close();
    await done(alone);
    expect(found).toEqual(wanted);
  });
};

const liveAt = (asking: Asking, at: { position?: number }): Promise<unknown> =>
  asking.live.at('small', at).catch(String);

const die = (): never => {
  throw new Error('killed');
};

describe('read models of runs in PGlite', () => {
  let folder: string;
  let database: PgliteSql;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'views-'));
    database = new PgliteSql(join(folder, 'views'));
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });
  const fresh = async (): Promise<SqlDatabase> => {
    await sql`drop schema public cascade`.execute(database.db);
    await sql`create schema public`.execute(database.db);
    return database;
  };
  properties(fresh, () => Promise.resolve());
});

if (noPostgres !== undefined) {
  it.skip(`read models of runs in PostgreSQL [skipped: ${noPostgres}]`, () => undefined);
} else
  describe('read models of runs in PostgreSQL', () => {
    let server: PrivatePostgres;
    let schemas = 0;
    beforeAll(async () => {
      server = await PrivatePostgres.start();
    });
    afterAll(() => server.stop());
    const fresh = async (): Promise<SqlDatabase> => {
      schemas += 1;
      return new PostgresSql(server.url, { schema: `views_${process.pid}_${schemas}` });
    };
    properties(fresh, (database) => database.close());
  });
