import fc from 'fast-check';
import type { Mix } from '#corpus/domain/batches.js';
import { countOf, sampleOf } from '#memory/domain/episodic.js';
import { expect as expected, learn, untaught } from '#memory/domain/linear.js';
import { crps, logScore } from '#memory/domain/scores.js';

const mixes = fc
  .array(fc.record({ steps: fc.integer({ min: 1, max: 20 }), replayPpm: fc.integer({ min: 0, max: 1_000_000 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((all) =>
    all.map(({ steps, replayPpm }, cycle): Mix => {
      const weightsPpm = { sort: 400_000, dyck: 350_000, noise: 250_000 };
      return { seed: '3', cycle, steps, batch: 4, weightsPpm, replayPpm, replayWeightsPpm: { text: 1_000_000 } };
    }),
  );
const most = fc.integer({ min: 1, max: 40 });
const DOMAINS = ['sort', 'dyck'];

describe('a memory of sequences', () => {
  it('is the same whether it grows update by update or is built again from all of them, in any order', () =>
    fc.assert(
      fc.property(mixes, most, fc.integer(), (all, size, turn) => {
        const whole = sampleOf(all, DOMAINS, size);
        const at = Math.abs(turn) % all.length;
        expect(sampleOf([...all.slice(at), ...all.slice(0, at)], DOMAINS, size)).toEqual(whole);
        // What an update adds can only push out what came before it.
        const before = sampleOf(all.slice(0, -1), DOMAINS, size);
        const last = all.length - 1;
        for (const [domain, origins] of Object.entries(whole)) {
          const kept = origins.filter(({ cycle }) => cycle !== last);
          expect((before[domain] ?? []).slice(0, kept.length)).toEqual(kept);
        }
      }),
    ));

  it('holds as many as it may, of its domains only, and a larger one holds all of a smaller one', () =>
    fc.assert(
      fc.property(mixes, most, (all, size) => {
        const [few, every] = [sampleOf(all, DOMAINS, size), sampleOf(all, DOMAINS, 10_000)];
        expect(Object.keys(few)).toEqual(Object.keys(every));
        for (const domain of DOMAINS) expect(few[domain]).toEqual(every[domain]?.slice(0, size));
        expect(countOf(every)).toBeLessThanOrEqual(all.reduce((sum, { steps }) => sum + 4 * steps, 0));
      }),
    ));
});

const features = fc.array(fc.double({ min: -2, max: 4, noNaN: true }), { minLength: 4, maxLength: 4 });
const observation = fc.tuple(features, fc.double({ min: -1, max: 1, noNaN: true }));

describe('a forecast', () => {
  it('is a proper distribution after whatever was seen, and has finite scores', () =>
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 200 }), observation, (seen, [x, came]) => {
        const prior = untaught({ mean: 0, sd: 0.02, worth: [1, 4, 4, 4] });
        const said = expected(
          seen.reduce((model, [at, y]) => learn(model, at, y), prior),
          x,
        );
        expect(Number.isFinite(said.mean) && said.sd > 0 && Number.isFinite(said.sd)).toBe(true);
        expect(crps(said, came)).toBeGreaterThan(0);
        expect(Number.isFinite(logScore(said, came))).toBe(true);
      }),
    ));
});
