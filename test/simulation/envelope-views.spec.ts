import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decide } from '#ledger/ledger.js';
import type { Recorded } from '#ledger/log.js';
import { advanceRun } from '#loop/run-loop.js';
import { rollBack } from '#run/domain/decisions.js';
import { CAPABILITY_METRIC, GENERAL_METRIC } from '#run/domain/evidence.js';
import { runStream, type Started } from '#run/domain/run.js';
import { MemoryLog } from '#store/memory-log.js';
import { PgliteSql } from '#store/sql-pglite.js';
import { PostgresSql } from '#store/sql-postgres.js';
import { all } from '../contract/collecting.js';
import { noPostgres, PrivatePostgres } from '../contract/private-postgres.js';
import { Measuring } from './measuring.js';
import { begin, rash, smallFile, smallPorts } from './small-run.js';

const human = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const ports = smallPorts();
let folder: string;
let database: PgliteSql;
let measuring: Measuring;
let entries: readonly Recorded[];
let run: Started;
let child: Started;

beforeAll(async () => {
  const gentle = (smallFile('a') as { regime: object }).regime;
  const regime = [
    { fromCycle: 1, regime: gentle },
    { fromCycle: 3, regime: rash },
  ];
  await begin(ports, smallFile('first', { regime, cycles: 3 }));
  run = await advanceRun(ports, 'first');
  await begin(ports, smallFile('other-seed', { regime, cycles: 3, seed: 2 }));
  await advanceRun(ports, 'other-seed');
  await begin(ports, smallFile('child', { parent: 'first', cycles: 1 }));
  child = await advanceRun(ports, 'child');
  const anchor = run.anchor?.checkpoint ?? '';
  if (run.champion !== anchor) await decide(ports.ledger, runStream, 'first', rollBack(anchor, 'drill', 'ada'), human);
  entries = await all(ports.ledger.log.readAll());
  folder = await mkdtemp(join(tmpdir(), 'views-'));
  database = new PgliteSql(join(folder, 'views'));
  measuring = new Measuring(ports.ledger.log, database, ports.artifacts);
  await measuring.views.reached(entries.length, 120_000);
}, 240_000);
afterAll(async () => {
  await measuring.close();
  await database.close();
  await ports.shadow.close();
  await rm(folder, { recursive: true });
});

const reported = (checkpoint: string | undefined) => {
  const found = run.reported.find((probe) => probe.checkpoint === checkpoint);
  if (!found) throw new Error(`${checkpoint} was not reported`);
  return found.metrics;
};
const completed = (stream: string): number =>
  entries.find(({ record }) => record.stream === `run-${stream}` && record.type === 'RunCompleted')?.position ?? 0;

describe('the convergence envelope', () => {
  it('of one run: every candidate on the report suite, the champions apart, a band over the items, and no claim', async () => {
    const envelope = await measuring.envelopes.of('first', { asOf: completed('first') });
    expect(envelope).toMatchObject({ runs: ['first'], source: 'report', descriptive: true, asOf: completed('first') });
    const [proposed, general, accepted] = envelope.curves;
    const candidates = [run.anchor?.checkpoint, ...run.cycles.slice(1).map(({ produced }) => produced?.candidate)];
    expect(proposed?.points.map(({ cycle, value }) => [cycle, value])).toEqual(
      candidates.map((hash, cycle) => [cycle, expect.closeTo(reported(hash)[CAPABILITY_METRIC] ?? 0, 12)]),
    );
    expect(general?.points.map(({ value }) => value)).toEqual(
      candidates.map((hash) => expect.closeTo(reported(hash)[GENERAL_METRIC] ?? 0, 12)),
    );
    const verdicts = run.cycles.slice(1).map(({ verdict }) => verdict?.verdict);
    const champions = verdicts.reduce<(string | undefined)[]>(
      (so, verdict, at) => [...so, verdict === 'ACCEPT' ? candidates[at + 1] : so.at(-1)],
      [candidates[0]],
    );
    expect(accepted?.points.map(({ value }) => value)).toEqual(
      champions.map((hash) => expect.closeTo(reported(hash)[CAPABILITY_METRIC] ?? 0, 12)),
    );
    for (const curve of envelope.curves) {
      expect(curve.over).toBe('items');
      expect(['inconclusive', 'collapsed']).toContain(curve.state);
      for (const { low, value, high } of curve.points) {
        expect(low).toBeLessThan(value ?? 0);
        expect(high).toBeGreaterThan(value ?? 0);
      }
    }
    expect(envelope.sentence).toMatch(/description of this run|collapsed/);
  });

  it('goes back to where a rollback went', async () => {
    if (run.champion === run.anchor?.checkpoint) return;
    const accepted = (await measuring.envelopes.of('first', {})).curves[2];
    expect(accepted?.points.at(-1)?.value).toBe(accepted?.points[0]?.value);
  });

  it('is measured on the items of the verdicts until the look is complete, in the same units', async () => {
    const before = entries.find(({ record }) => record.stream === 'run-first' && record.type === 'LookOpened');
    const { source, curves } = await measuring.envelopes.of('first', { asOf: before?.position ?? 0 });
    expect(source).toBe('gate');
    const [proposed, general] = curves;
    expect(proposed?.points.map(({ cycle }) => cycle)).toEqual([0, 1, 2, 3]);
    const estimate = run.cycles[3]?.verdict?.reasons.find(({ paired }) => paired?.metric === GENERAL_METRIC)?.paired;
    expect(general?.change?.estimate).toBeCloseTo(estimate?.estimate ?? 0, 9);
    expect(general?.change?.low).toBeCloseTo(estimate?.ci95?.[0] ?? 0, 9);
  });

  it('of two seeds has its bands over the seeds', async () => {
    const { runs, descriptive, curves } = await measuring.envelopes.of('first', { runs: ['other-seed', 'first'] });
    expect({ runs, descriptive }).toEqual({ runs: ['first', 'other-seed'], descriptive: false });
    for (const { over, seeds } of curves) expect({ over, seeds }).toEqual({ over: 'seeds', seeds: 2 });
  });

  it.each([
    ['another arm', { runs: ['child'] }, /runs: first differs from child in regimes|runs: child differs from/],
    ['a run that there is not', { runs: ['nobody'] }, /run nobody: there is no such run/],
  ])('refuses %s', async (_what, query, message) => {
    await expect(measuring.envelopes.of('first', query)).rejects.toThrow(message);
  });
});

it('retention: families as the probes have them, and losses against the best accepted', async () => {
  const { items } = await measuring.series.retention('first', { limit: 1000, asOf: completed('first') });
  expect(items.map(({ cycle, family }) => `${cycle} ${family}`)).toEqual(
    [0, 1, 2, 3].flatMap((cycle) => [`${cycle} dyck`, `${cycle} sort`]),
  );
  for (const { champion, family, accuracy, bestAccuracy, bestChampion, lost, lostLow, lostHigh } of items) {
    expect(accuracy).toBe(reported(champion)[`accuracy.${family}`]);
    expect(bestAccuracy).toBe(reported(bestChampion)[`accuracy.${family}`]);
    expect(lost).toBeCloseTo(bestAccuracy - accuracy, 12);
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lostLow).toBeLessThanOrEqual(lost + 1e-12);
    expect(lostHigh).toBeGreaterThanOrEqual(lost - 1e-12);
  }
  const page = await measuring.series.retention('first', { limit: 3, asOf: completed('first') });
  const rest = await measuring.series.retention('first', { limit: 100, cursor: page.nextCursor ?? '' });
  expect([...page.items, ...rest.items]).toEqual(items);
});

it('optimism gap: the gain at the gate less the gain on the report, for every candidate and only after the look', async () => {
  const { items } = await measuring.series.optimism('first', {});
  expect(items.map(({ cycle, metric }) => [cycle, metric])).toEqual(
    [1, 2, 3].flatMap((cycle) => [
      [cycle, CAPABILITY_METRIC],
      [cycle, GENERAL_METRIC],
    ]),
  );
  for (const { cycle, metric, candidate, reference, gateGain, reportGain, gap, gapLow, gapHigh } of items) {
    const paired = run.cycles[cycle]?.verdict?.reasons.find((reason) => reason.paired?.metric === metric)?.paired;
    expect(gateGain).toBeCloseTo(paired?.estimate ?? NaN, 9);
    const [mine, theirs] = [reported(candidate)[metric] ?? NaN, reported(reference)[metric] ?? NaN];
    expect(reportGain).toBeCloseTo(metric === CAPABILITY_METRIC ? mine - theirs : theirs - mine, 12);
    expect(gap).toBeCloseTo(gateGain - reportGain, 12);
    expect(gapLow).toBeLessThan(gap);
    expect(gapHigh).toBeGreaterThan(gap);
  }
  const before = await measuring.series.optimism('first', { asOf: completed('first') - 3 });
  expect(before.items).toEqual([]);
});

it('lineages: alpha spent and left, over all runs of a lineage', async () => {
  const { items } = await measuring.lineages.list({});
  expect(items.map(({ root, runs }) => [root, runs.map((each) => each.run)])).toEqual([
    ['first', ['first', 'child']],
    ['other-seed', ['other-seed']],
  ]);
  const spent = [...run.cycles, ...child.cycles].reduce((sum, { verdict }) => sum + (verdict?.alphaSpent ?? 0), 0);
  expect(items[0]).toMatchObject({ alpha: 0.5, candidatesPlanned: 4, candidatesJudged: 4, candidatesLeft: 0 });
  expect(items[0]?.alphaSpent).toBeCloseTo(spent, 12);
  expect(items[0]?.alphaLeft).toBe(child.cycles.at(-1)?.verdict?.alphaLeft);
  expect(await measuring.lineages.one('first')).toEqual(items[0]);
  await expect(measuring.lineages.one('child')).rejects.toThrow(/no lineage begins with a run of that name/);
});

it('suites: the balance of their reuse, by run', async () => {
  const { items } = await measuring.suites.list({ role: 'gate' });
  expect(items.map(({ suite }) => suite)).toEqual(['first-gate', 'other-seed-gate', 'child-gate']);
  const [gate] = items;
  const used = entries.filter(
    ({ record }) => record.stream === 'suite-first-gate' && record.type === 'ProbeSuiteQueried',
  );
  expect(gate).toMatchObject({
    usedQueries: used.length,
    uses: [{ run: 'first', queries: used.length }],
  });
  expect(gate?.leftQueries).toBe(used.at(-1)?.record.data['remaining']);
  expect(await measuring.suites.one('first-gate')).toEqual(gate);
  await expect(measuring.suites.one('none')).rejects.toThrow(/suite none: none of that name/);
});

it('a checkpoint is traced to the root through the runs, with every verdict', async () => {
  const candidate = child.cycles[1]?.produced?.candidate ?? '';
  const { ancestors, root, updates } = await measuring.checkpoints.lineage(candidate);
  expect(root).toBe(run.anchor?.checkpoint);
  expect(ancestors.at(-1)).toMatchObject({ made: 'base', run: 'first', cycle: 0, parent: null, verdict: null });
  expect(ancestors[0]).toMatchObject({
    checkpoint: candidate,
    run: 'child',
    verdict: child.cycles[1]?.verdict?.verdict,
  });
  expect(updates).toBe(ancestors.length - 1);
  for (const [at, { parent }] of ancestors.slice(0, -1).entries()) expect(parent).toBe(ancestors[at + 1]?.checkpoint);
  for (const { verdict } of ancestors.slice(1, -1)) expect(verdict).toBe('ACCEPT');
  await expect(measuring.checkpoints.lineage('0'.repeat(64))).rejects.toThrow(/no run made or was given these weights/);
});

it('as of every position, the answer is the one that was given when the log ended there', async () => {
  const log = new MemoryLog();
  const other = new PgliteSql(join(folder, 'growing'));
  const growing = new Measuring(log, other, ports.artifacts);
  const runs = ['first', 'child', 'nobody'];
  const checkpoints = [run.anchor?.checkpoint ?? '', child.cycles[1]?.produced?.candidate ?? ''];
  for (const { position, record } of entries) {
    const { stream, revision: _revision, ...proposed } = record;
    await log.append(stream, 'any', [proposed]);
    expect(await growing.views.reached(position, 60_000)).toBe(true);
    const then = await growing.everything(runs, checkpoints, position);
    expect(await measuring.everything(runs, checkpoints, position)).toEqual(then);
  }
  await growing.close();
  await other.close();
}, 240_000);

const onPostgres = 'PostgreSQL gives the same answers';
if (noPostgres !== undefined) it.skip(`${onPostgres} [skipped: ${noPostgres}]`, () => undefined);
else
  it(
    onPostgres,
    async () => {
      const server = await PrivatePostgres.start();
      const other = new PostgresSql(server.url, { schema: `envelope_${process.pid}` });
      const there = new Measuring(ports.ledger.log, other, ports.artifacts);
      await there.views.reached(entries.length, 60_000);
      for (let position = entries.length; position > 0; position -= 17) {
        const questions = [
          ['first', 'other-seed', 'child'],
          [child.cycles[1]?.produced?.candidate ?? ''],
          position,
        ] as const;
        expect(await there.everything(...questions)).toEqual(await measuring.everything(...questions));
      }
      await there.close();
      await other.close();
      await server.stop();
    },
    60_000,
  );
