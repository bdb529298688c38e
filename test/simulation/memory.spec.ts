import { rejudgeRun } from '#audit/rejudge.js';
import { Rng } from '#corpus/domain/random.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import { runDigest, sha256 } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { drawItems } from '#loop/draw-items.js';
import { loadContext, loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import { rememberedAt } from '#memory/domain/episodic.js';
import type { RememberedSequence } from '#memory/remember.js';
import { memoryView } from '#memory/memory.view.js';
import { candidateIn } from '#run/domain/cycle.js';
import type { Started } from '#run/domain/run.js';
import { MemoryLog } from '#store/memory-log.js';
import { CutOff, CuttingLog } from './cutting-log.js';
import { replayed } from './recovering.js';
import { begin, smallFile, smallPorts, type Options } from './small-run.js';

const ports: ReturnType<typeof smallPorts>[] = [];
afterAll(() => Promise.all(ports.map(({ shadow }) => shadow.close())));
const opened = (options: Options = {}): ReturnType<typeof smallPorts> => {
  const some = smallPorts(options);
  ports.push(some);
  return some;
};

const both = { episodic: { sequencesPerDomain: 8 }, predictive: {} };
const remembering = opened();
let run: Started;
const recordsOf = (of: ReturnType<typeof smallPorts>) => collect(of.ledger.log.readStream('run-small'));

beforeAll(async () => {
  await begin(remembering, smallFile('small', { cycles: 3, memory: both }));
  run = await advanceRun(remembering, 'small');
}, 120_000);

const listed = async (cycle: number): Promise<readonly RememberedSequence[]> => {
  const { sequences } = run.cycles[cycle]?.proposal?.memory ?? { sequences: '' };
  return JSON.parse(Buffer.from(await remembering.artifacts.get(sequences)).toString()) as RememberedSequence[];
};

describe('a run with a memory', () => {
  it('shows updates again what its champion was trained on, and says before each what it expects', async () => {
    expect(run.accepted.length).toBeGreaterThan(1);
    for (const { cycle, proposal } of run.cycles.slice(1)) {
      expect(proposal?.memory?.count).toBe(16);
      expect(proposal?.forecast).not.toBeNull();
      const places = (await listed(cycle)).map(({ domain, cycle: from, index }) => ({ domain, cycle: from, index }));
      const again = rememberedAt(run, proposal?.champion ?? '', cycle) ?? {};
      expect(places).toEqual(
        Object.entries(again).flatMap(([domain, origins]) => origins.map((origin) => ({ domain, ...origin }))),
      );
      const batches = decodeSequences(await remembering.artifacts.get(proposal?.batches ?? ''));
      const shown = new Set(batches.map(({ tokens, targets, mask }) => sha256(tokens, targets, mask)));
      // Of 96 sequences a quarter is remembered ones, drawn from 16.
      expect((await listed(cycle)).filter(({ sha256: hash }) => shown.has(hash)).length).toBeGreaterThan(6);
    }
    expect(new Set((await listed(3)).map(({ cycle }) => cycle)).size).toBeGreaterThan(1);
    const { forecasts, skill, episodic } = memoryView(run);
    expect(forecasts).toHaveLength(12);
    expect(skill.at(-1)).toMatchObject({ of: 'acceptance', score: 'brier', count: 3 });
    expect(episodic).toMatchObject({ cycle: 3, count: 16 });
  });

  it('is replayed to the same digest, and judged again without a disagreement', async () => {
    const again = await replayed(remembering, 'small');
    expect(again.divergence).toBeNull();
    expect(again.runDigest?.replayed).toBe(again.runDigest?.recorded);
    expect((await rejudgeRun(remembering, 'small')).disagreements).toEqual([]);
  }, 60_000);

  it('remembers no item that it is judged or scouted by', async () => {
    const context = await loadContext(remembering, run.config);
    const items = [context.scout, context.gate, context.report].map(({ items: of }) => of.sequences);
    for (const cycle of run.cycles.slice(1))
      for (const role of ['gate', 'shadow'] as const)
        items.push(drawItems(context, cycle.cycle, candidateIn(cycle) ?? '', role).sequences);
    const judged = new Set(
      items.flatMap((bytes) =>
        decodeSequences(bytes).map(({ tokens, targets, mask }) => sha256(tokens, targets, mask)),
      ),
    );
    expect(judged.size).toBeGreaterThan(300);
    for (const cycle of [1, 2, 3])
      for (const { sha256: hash } of await listed(cycle)) expect(judged.has(hash)).toBe(false);
  });

  it('comes to the same outcomes however often it is cut off', async () => {
    const log = new CuttingLog();
    const cut = opened({ log });
    await begin(cut, smallFile('small', { cycles: 3, memory: both }));
    const draws = Rng.from('memory', 'cut-off');
    for (let over = false; !over;) {
      log.left = draws.below(12);
      log.before = draws.below(2) === 0;
      over = await advanceRun(cut, 'small').then(
        () => true,
        (error: unknown) => {
          if (error instanceof CutOff) return false;
          throw error;
        },
      );
    }
    expect(log.cuts.size).toBeGreaterThan(3);
    expect(runDigest(await recordsOf(cut))).toBe(runDigest(await recordsOf(remembering)));
  }, 120_000);
});

/** The same log with one proposal changed, judged again. */
const rejudgedWith = async (change: (data: Record['data']) => object) => {
  const log = new MemoryLog();
  for await (const { record } of remembering.ledger.log.readAll()) {
    const { stream, revision, ...proposed } = record;
    const changed = record.type === 'CycleProposed' && record.data['cycle'] === 3;
    const data = changed ? { ...record.data, ...change(record.data) } : record.data;
    await log.append(stream, revision === 0 ? 'no-stream' : revision - 1, [{ ...proposed, data } as typeof proposed]);
  }
  const other = opened({ log, artifacts: remembering.artifacts });
  const { disagreements } = await rejudgeRun(other, 'small');
  return disagreements.map(({ cycle, what }) => [cycle, what]);
};

describe('a memory that is not what the events say', () => {
  it('is found by whoever judges again', async () => {
    const forecast = (data: Record['data']) => ({ forecast: { ...(data['forecast'] as object), acceptance: 0.5 } });
    expect(await rejudgedWith(forecast)).toEqual([[3, 'forecast of the proposal']]);
    const memory = (data: Record['data']) => ({
      memory: { ...(data['memory'] as object), placesDigest: '0'.repeat(64) },
    });
    expect(await rejudgedWith(memory)).toEqual([[3, 'memory of the proposal']]);
  }, 60_000);
});

describe('a forecast', () => {
  it('enters neither update nor verdict: without it the run is the same', async () => {
    const silent = opened();
    await begin(silent, smallFile('small', { cycles: 3, memory: { ...both, predictive: null } }));
    await advanceRun(silent, 'small');
    const other = await loadRun(silent, 'small');
    const told = ({ cycles }: Started) =>
      cycles.map(({ produced, verdict }) => [produced?.candidate, verdict?.verdict, verdict?.reasons]);
    expect(told(other)).toEqual(told(run));
    expect(other.cycles.slice(1).map(({ proposal }) => proposal?.forecast)).toEqual([null, null, null]);
  }, 120_000);
});
