import { conservative } from '#constitution/domain/regime.js';
import { differingSetting } from '#experiment/domain/arm.js';
import type { Cycle } from '#run/domain/cycle.js';
import { emptyCycle } from '#run/domain/cycle.js';
import type { DataOf } from '#run/domain/events.js';
import { setField } from '#run/domain/run-fields.js';
import { runFileSchema, type RunFileInput } from '#run/domain/run-file.js';
import { runConfig } from '#run/domain/run-settings.js';
import { runStream, type Started } from '#run/domain/run.js';
import { RunStarted } from '#run/domain/update-events.js';
import { countOf, rememberedAt, replayWeights, sampleOf, updatesBehind } from './episodic.js';
import { forecastAt } from './predictive.js';
import { NO_MEMORY } from './settings.js';
import { heldAgainst, skillOf } from './skill.js';
import { memorySentence, skillSentence } from './wording.js';

const foreseeing = { predictive: { shrinkage: 4 } };
const hash = (n: number): string => n.toString(16).padStart(64, '0');
const blob = hash(0xb);

const begun = (changes: Partial<RunFileInput> = {}): Started => {
  const file = runFileSchema.parse({
    run: 'r',
    targets: ['sort', 'dyck'],
    base: { steps: 10, batch: 4 },
    memory: { episodic: {}, predictive: {} },
    ...changes,
  });
  const config = runConfig(file, { constitution: { id: 'default', version: 1 }, parent: null });
  const lineage = { root: 'r', anchor: null, judgedBefore: 0, alphaSpentBefore: 0 };
  return runStream.evolve(runStream.initial, RunStarted.of({ config, lineage, experiment: null })) as Started;
};

type Told = Readonly<{ from: number; to: number; verdict?: 'ACCEPT' | 'REJECT'; loss?: number; kl?: number }>;

/** A cycle that trains from one checkpoint to another; `loss`: nats of every domain on the scout suite before it. */
const cycle = (number: number, { from, to, verdict, loss = 2, kl = 0.01 }: Told): Cycle => {
  const of = { cycle: number, checkpoint: hash(from) };
  const proposal = {
    cycle: number,
    trigger: 'schedule',
    champion: hash(from),
    regime: { ...conservative, steps: 5, batch: 4, warmupSteps: 1 },
    allocation: { policy: 'uniform', weightsPpm: { sort: 500_000, dyck: 500_000 }, scores: {} },
    batches: blob,
    memory: null,
    forecast: null,
  };
  const metrics = { 'loss.sort': loss, 'loss.dyck': loss, 'loss.english': loss };
  const drift = [{ ...of, metric: 'kl-to-champion', value: kl }];
  return {
    ...emptyCycle(number),
    proposal: proposal as unknown as DataOf<'CycleProposed'>,
    probes: [{ ...of, role: 'scout', subject: 'champion', metrics } as unknown as DataOf<'ProbesRecorded'>],
    ...(verdict && {
      produced: { candidate: hash(to) } as DataOf<'UpdateProduced'>,
      drift: drift as unknown as Cycle['drift'],
      verdict: { verdict } as DataOf<'VerdictReached'>,
    }),
  };
};

const withCycles = (run: Started, ...cycles: readonly Cycle[]): Started => ({ ...run, cycles });
const learning = (run = begun()): Started =>
  withCycles(
    run,
    cycle(1, { from: 1, to: 2, verdict: 'ACCEPT', loss: 2 }),
    cycle(2, { from: 2, to: 3, verdict: 'REJECT', loss: 1.9, kl: 0.02 }),
    cycle(3, { from: 2, to: 4, verdict: 'ACCEPT', loss: 1.9 }),
    cycle(4, { from: 4, to: 5, loss: 1.8 }),
  );

describe('what a run remembers', () => {
  it('is of its base and of the updates that made its champion', () => {
    const run = learning();
    expect(updatesBehind(run, hash(4), 4).map((mix) => mix.cycle)).toEqual([0, 1, 3]);
    expect(updatesBehind(run, hash(3), 4).map((mix) => mix.cycle)).toEqual([0]);
    expect(updatesBehind(run, hash(4), 3).map((mix) => mix.cycle)).toEqual([0]);
    const given = withCycles({ ...run, config: { ...run.config, base: { kind: 'checkpoint', checkpoint: blob } } });
    expect(updatesBehind(given, hash(1), 1)).toEqual([]);
  });

  it('is, of a rescue, what the rejected update was trained on', () => {
    const [first, second] = [cycle(1, { from: 1, to: 2, verdict: 'REJECT' }), cycle(2, { from: 1, to: 3 })];
    const rescue = {
      ...second,
      proposal: { ...second.proposal, batches: null } as DataOf<'CycleProposed'>,
      interpolated: { candidate: hash(3), parentCycle: 1 } as DataOf<'CandidateInterpolated'>,
      verdict: { verdict: 'ACCEPT' } as DataOf<'VerdictReached'>,
    };
    expect(updatesBehind(withCycles(begun(), first, rescue), hash(3), 3).map((mix) => mix.cycle)).toEqual([0, 1]);
  });

  it('is a sample of new sequences only, of domains that count, none twice, whatever the order of the updates', () => {
    const run = learning();
    const mixes = updatesBehind(run, hash(4), 4);
    const few = sampleOf(mixes, ['sort', 'dyck'], 3);
    expect(few).toEqual(sampleOf([...mixes].reverse(), ['sort', 'dyck'], 3));
    expect(Object.values(few).map((origins) => origins.length)).toEqual([3, 3]);
    const all = sampleOf(mixes, ['sort', 'dyck'], 1_000);
    expect(few['sort']).toEqual(all['sort']?.slice(0, 3));
    const places = (all['sort'] ?? []).map(({ cycle, index }) => `${cycle}/${index}`);
    expect(new Set(places).size).toBe(places.length);
    // A quarter of the base's 40 sequences are tasks, half of each update's 20.
    expect(countOf(all)).toBeGreaterThan(15);
    expect(countOf(all)).toBeLessThan(45);
    expect(Object.keys(rememberedAt(run, hash(4), 4) ?? {})).toEqual(['sort', 'dyck']);
  });

  it('has a part of the replay, which is general text as long as nothing is remembered', () => {
    const { config } = begun({ memory: { episodic: { sharePpm: 300_001 } } });
    const origins = [{ cycle: 0, index: 1 }];
    expect(replayWeights(config, { sort: origins, dyck: origins })).toEqual({
      sort: 150_000,
      dyck: 150_000,
      english: 700_000,
    });
    expect(replayWeights(config, {})).toEqual({ english: 1_000_000 });
    expect(rememberedAt(begun({ memory: {} }), hash(1), 1)).toBeUndefined();
  });
});

describe('the memory of a run file', () => {
  it('is off unless asked for, and an arm may change a part of it', () => {
    expect(runFileSchema.parse({ run: 'r' }).memory).toEqual(NO_MEMORY);
    const fields = { run: 'r', memory: { episodic: null } };
    setField(fields, 'memory.episodic.sharePpm', 250_000);
    expect(runFileSchema.parse(fields).memory).toEqual({
      episodic: { sharePpm: 250_000, sequencesPerDomain: 64 },
      predictive: null,
    });
    for (const wrong of [{ sharePpm: 1_000_001 }, { sequencesPerDomain: 0 }, { sequences: 1 }])
      expect(runFileSchema.safeParse({ run: 'r', memory: { episodic: wrong } }).success).toBe(false);
  });

  it('makes runs with other memories runs of other arms', () => {
    const [plain, remembering] = [begun({ memory: {} }).config, begun().config];
    expect(differingSetting(plain, remembering)).toBe('memory');
  });
});

describe('what a run foresees', () => {
  const foreseen = (run: Started, at = 4) => {
    const { proposal } = run.cycles[at - 1] as Cycle;
    return forecastAt(run, proposal as DataOf<'CycleProposed'>);
  };

  it('is its prior at first, and moves to what came', () => {
    expect(foreseen(learning(), 1).acceptance).toBe(0.5);
    const rejected = Array.from({ length: 6 }, (_, at) =>
      cycle(at + 1, { from: 1, to: at + 2, verdict: 'REJECT', kl: 0.03 }),
    );
    const run = withCycles(begun(), ...rejected, cycle(7, { from: 1, to: 9 }));
    expect(foreseen(run, 7).acceptance).toBeLessThan(0.2);
    expect(foreseen(run, 7).klToChampionNatsPerByte.mean).toBeGreaterThan(0.02);
  });

  it('is changed by nothing that comes after the proposal', () => {
    const run = learning();
    for (const at of [1, 2, 3, 4]) {
      const then = withCycles(run, ...run.cycles.slice(0, at - 1), cycle(at, { from: 9, to: 9 }));
      const proposal = run.cycles[at - 1]?.proposal as DataOf<'CycleProposed'>;
      const probed = withCycles(run, ...then.cycles.slice(0, -1), {
        ...emptyCycle(at),
        probes: run.cycles[at - 1]?.probes ?? [],
      });
      expect(forecastAt(probed, proposal)).toEqual(forecastAt(run, proposal));
    }
  });

  it('keeps its head when an update goes wild', () => {
    const wild = cycle(1, { from: 1, to: 2, verdict: 'REJECT', kl: 1e300, loss: 1e300 });
    const run = withCycles(begun(), wild, cycle(2, { from: 1, to: 3 }));
    const { skillGain, generalChangeBitsPerByte, klToChampionNatsPerByte: kl } = foreseen(run, 2);
    for (const { mean, sd } of [skillGain, generalChangeBitsPerByte, kl])
      expect(Math.abs(mean) <= 1 && sd > 0 && sd < 2).toBe(true);
  });
});

describe('how well a run foresaw', () => {
  const told = (run: Started): Started =>
    withCycles(
      run,
      ...run.cycles.map((each) => {
        const proposal = each.proposal as DataOf<'CycleProposed'>;
        return { ...each, proposal: { ...proposal, forecast: forecastAt(run, proposal) } };
      }),
    );

  it('is held against its own past, where the outcome is known', () => {
    const held = heldAgainst(told(learning()));
    expect(held.map(({ acceptance }) => acceptance.came)).toEqual([true, false, true, null]);
    expect(held.map(({ acceptance }) => acceptance.climatology)).toEqual([0.5, 2 / 3, 0.5, 0.6]);
    const gains = held.map(({ quantities }) => quantities.skillGain.came);
    // A rejected candidate was never scouted; 0.1 nats of ln 10 and of ln 2.
    expect(gains[1]).toBeNull();
    expect(gains[0]).toBeGreaterThan(0.02);
    const scores = skillOf(held);
    expect(scores.map(({ of, score, count }) => [of, score, count])).toEqual([
      ['skillGain', 'crps', 2],
      ['skillGain', 'log', 2],
      ['generalChangeBitsPerByte', 'crps', 2],
      ['generalChangeBitsPerByte', 'log', 2],
      ['klToChampionNatsPerByte', 'crps', 3],
      ['klToChampionNatsPerByte', 'log', 3],
      ['acceptance', 'brier', 3],
    ]);
    const brier = scores.at(-1);
    expect(brier?.climatology).toBeCloseTo((0.25 + 4 / 9 + 0.25) / 3, 12);
    expect(skillSentence(foreseeing, scores)).toMatch(/of acceptance .* \(Brier score .* against 0\.315, 3 known\)$/);
  });

  it('is not said where nothing was foreseen or nothing came of it', () => {
    expect(heldAgainst(learning())).toEqual([]);
    expect(skillSentence(foreseeing, [])).toBe('no outcome of a forecast is known yet');
    expect(skillSentence({ predictive: null }, [])).toBe('the run makes no forecasts');
  });
});

it('says what an update is shown again, and when its regime shows nothing', () => {
  const memory = {
    sequences: blob,
    placesDigest: blob,
    count: 8,
    replayWeightsPpm: { sort: 250_000, english: 750_000 },
  };
  expect(memorySentence(memory, 500_000)).toBe('8 sequences remembered; replay is of sort 25.0%, english 75.0%');
  expect(memorySentence(memory, 0)).toMatch(/this regime replays none/);
});
