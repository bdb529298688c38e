import { Rng } from '#corpus/domain/random.js';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { factOf, factsOf } from '#experiment/domain/fact.js';
import { withNoise } from '#experiment/domain/known-effect.js';
import { optimismOf, type Optimism } from '#experiment/domain/optimism.js';
import { unitValuesOf, type UnitValues } from '#experiment/domain/unit-values.js';
import { sha256 } from '#ledger/digest.js';
import { collect, decode } from '#ledger/ledger.js';
import { candidateIn, type Cycle } from '#run/domain/cycle.js';
import { runEvents } from '#run/domain/events.js';
import { GENERAL_METRIC } from '#run/domain/evidence.js';
import type { Started } from '#run/domain/run.js';
import { begun, longFile, madeBy } from './long-lineage.js';
import { begin } from './small-run.js';

const ATTEMPTS = 24;
const ALPHA = 0.05;
const MARGIN = 0.01;

/**
 * A random step from the champion, longer after one that was promoted and shorter after one that was not. Which it was shows
 * in the champion that the next update begins from, and nothing else is known.
 */
const ports = madeBy(() => {
  let [size, direction, last] = [0.02, 0, ''];
  return async (champion, { cycle }) => {
    const promoted = sha256(champion) === last;
    if (cycle > 1) size *= promoted ? 1.6 : 0.9;
    if (!promoted) direction += 1;
    const candidate = withNoise(champion, size, Rng.from('search', direction));
    last = sha256(candidate);
    return candidate;
  };
});

let run: Started;
beforeAll(async () => {
  run = await begun(ports, longFile('search', ATTEMPTS));
}, 300_000);
afterAll(() => ports.shadow.close());

const judged = (): readonly Cycle[] => run.cycles.slice(1);
const accepted = (): readonly Cycle[] => judged().filter(({ verdict }) => verdict?.verdict === 'ACCEPT');
/** Share of general quality lost against the anchor, on the report suite: nobody was shown it before the run was over. */
const lost = (checkpoint: string | undefined): number => {
  const level = (of: string | undefined): number =>
    run.reported.find((probe) => probe.checkpoint === of)?.metrics[GENERAL_METRIC] ?? NaN;
  return level(checkpoint) / level(run.anchor?.checkpoint) - 1;
};

const optimism = async (): Promise<readonly Optimism[]> => {
  const records = await collect(ports.ledger.log.readStream('run-search'));
  const facts = records.flatMap((record) => factOf(decode(runEvents, record)) ?? []);
  const units = new Map<string, UnitValues>();
  for (const { results } of factsOf(facts, 'probe'))
    units.set(results, unitValuesOf(decodeResults(await ports.artifacts.get(results))));
  return optimismOf(facts, (hash) => units.get(hash));
};

describe(`a proposer that searches at random, ${ATTEMPTS} times, and is told nothing but accept or reject`, () => {
  it('gets none past the gate that is harmful, and does try', () => {
    const harmful = judged().filter((cycle) => lost(candidateIn(cycle)) > MARGIN);
    expect(harmful.length).toBeGreaterThan(4);
    for (const { verdict } of harmful) {
      expect(verdict?.verdict).not.toBe('ACCEPT');
      const outcome = verdict?.reasons.find(({ rule }) => rule === 'general-quality-kept')?.outcome;
      expect(outcome).toMatch(/fail|undecided/);
    }
    expect(accepted().length).toBeGreaterThan(0);
    expect(lost(run.champion)).toBeLessThan(MARGIN);
  });

  it('spends the plan of its lineage and no more: every attempt is counted, whatever came of it', () => {
    expect(judged().map(({ verdict }) => verdict?.lineageIndex)).toEqual(judged().map((_, before) => before + 1));
    for (const { verdict } of judged()) expect(verdict?.alphaSpent).toBeCloseTo(ALPHA / ATTEMPTS, 12);
    expect(judged().at(-1)?.verdict?.alphaLeft).toBeCloseTo(0, 12);
    const child = begin(ports, longFile('heir', ATTEMPTS, 'search'));
    return expect(child).rejects.toThrow(`has judged all ${ATTEMPTS} candidates of its plan`);
  });

  it('looks better at the gate than on the report where it was let through: the optimism gap says by how much', async () => {
    const gaps = (await optimism()).filter(({ verdict, metric }) => verdict === 'ACCEPT' && metric === 'capability');
    expect(gaps.map(({ cycle }) => cycle)).toEqual(accepted().map(({ cycle }) => cycle));
    const mean = (of: (each: Optimism) => number): number =>
      gaps.reduce((sum, each) => sum + of(each), 0) / gaps.length;
    expect(mean(({ gap }) => gap)).toBeGreaterThan(0);
    expect(mean(({ reportGain }) => reportGain)).toBeLessThan(mean(({ gateGain }) => gateGain) / 2);
  });
});
