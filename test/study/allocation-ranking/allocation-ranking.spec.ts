import { rankingsOf, scoresAt, type RankedRun } from '#experiment/domain/ranking.js';
import { loadRun } from '#loop/run-context.js';
import { cycleOf } from '#run/domain/run.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { NotRankable, rankedRun } from './oracle.js';
import { makeRun } from './own-runs.js';
import { rankingJson, rankingReport } from './ranking-report.js';
import { rankingPorts, ScratchArtifacts, type RankingPorts } from './ranking-ports.js';

const file = {
  run: 'small',
  cycles: 2,
  policy: 'learning-progress',
  model: { dModel: 32, layers: 1, dState: 16, headDim: 32 },
  sequence: 64,
  base: { steps: 60, batch: 16 },
  targets: ['sort', 'dyck'],
  regime: {
    label: 'gentle',
    learningRate: 0.004,
    warmupSteps: 2,
    decay: 'linear',
    steps: 30,
    batch: 8,
    sequence: 64,
    klBeta: 0,
    generalBatch: 0,
    l2spLambda: 0,
    replayPpm: 0,
    clipNorm: 1,
    weightDecay: 0.01,
    trustRegion: null,
  },
  constitution: { name: 'lenient', alphaPlan: { alpha: 0.5, kMax: 4 }, stall: null },
  evaluation: { blocks: 60, documents: 60, shadowEvery: 20 },
};
const asked = { run: 'small', blocks: 40, say: () => undefined };

describe('the oracle of a small run', () => {
  let ports: RankingPorts;
  let ranked: RankedRun;
  let records: number;
  const gainOf = (name: string) => ranked.cycles[0]?.gains.find((gain) => gain.name === name);

  beforeAll(async () => {
    const [log, artifacts] = [new MemoryLog(), new MemoryArtifacts()];
    const running = rankingPorts(log, artifacts, 1);
    await makeRun(running, file);
    await running.shadow.close();
    records = log.head();
    ports = rankingPorts(log, new ScratchArtifacts(artifacts), 1);
    ranked = await rankedRun(ports, { ...asked, cycles: [2] });
  }, 240_000);
  afterAll(() => ports.shadow.close());

  it('knows every domain, and gains in what it trains on, by either half of the items', () => {
    expect(ranked.cycles[0]?.gains.map(({ name }) => name).sort()).toEqual(['dyck', 'sort', 'unlearnable']);
    expect(gainOf('dyck')?.own).toBeGreaterThan(0.02);
    for (const { own, halves } of ranked.cycles[0]?.gains ?? [])
      expect([own >= Math.min(...halves), own <= Math.max(...halves)]).toEqual([true, true]);
    expect(Math.min(...(gainOf('dyck')?.halves ?? [0]))).toBeGreaterThan(0.02);
  });

  it('knows the scores that the run itself went by', async () => {
    const run = await loadRun(ports, 'small');
    const gains = ranked.cycles[0]?.gains ?? [];
    expect(scoresAt(ranked, 'learning-progress', gains, 2)).toEqual(cycleOf(run, 2).proposal?.allocation.scores);
  });

  it('gives the same again, and records nothing', async () => {
    expect(await rankedRun(ports, { ...asked, cycles: [2] })).toEqual(ranked);
    expect((ports.ledger.log as MemoryLog).head()).toBe(records);
  });

  it('makes a page and figures for programs of it', () => {
    const results = { command: 'spec', setting: [], runs: [ranked], blocks: 40 };
    expect(rankingReport(results)).not.toMatch(/undefined|NaN/);
    expect(JSON.parse(rankingJson(results)).runs[0].rankings).toEqual(rankingsOf(ranked));
  });

  it('refuses a cycle that was not proposed', async () => {
    await expect(rankedRun(ports, { ...asked, cycles: [9] })).rejects.toThrow(NotRankable);
    await expect(rankedRun(ports, { ...asked, cycles: [9] })).rejects.toThrow('run small: cycle 9 was not proposed');
  });
});
