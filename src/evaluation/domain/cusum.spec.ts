import { Rng } from '#corpus/domain/random.js';
import { CUSUM_BOUND, cusumAfter, cusumDrift, noLoss, standardisedLoss, type Loss } from './cusum.js';

const loss = (mean: number, sd = 0.02): Loss => ({ mean, sd, units: 100 });

describe('the loss from champion to champion', () => {
  it('is counted in standard errors of the difference', () => {
    expect(standardisedLoss(loss(0.004), noLoss)).toBeCloseTo(2, 12);
    expect(standardisedLoss(loss(0.007, 0.03), loss(0.002, 0.04))).toBeCloseTo(1, 12);
    expect(standardisedLoss(loss(0.002), loss(0.004))).toBeLessThan(0);
  });

  it('is nothing where nothing changed, and never a number where one is missing', () => {
    expect(standardisedLoss(noLoss, noLoss)).toBe(0);
    expect(standardisedLoss(loss(NaN), noLoss)).toBeNaN();
    expect(standardisedLoss(loss(0.1, 0), noLoss)).toBe(Infinity);
  });
});

describe('the sum', () => {
  const after = (...steps: readonly number[]): number => steps.reduce(cusumAfter, 0);

  it('adds what exceeds the slack, no step for more than two, and never falls below zero', () => {
    expect(after(1, 1.5)).toBe(1.5);
    expect(after(-3, 0.2)).toBe(0);
    expect(after(40)).toBe(1.5);
    expect(after(2, 2, 2)).toBe(4.5);
    expect(after(2, 2, 2, 2)).toBe(6);
    expect(after(2, -1, 2)).toBe(1.5);
  });

  it('is an alarm above its bound, and where it is no number', () => {
    expect(cusumDrift('sum', CUSUM_BOUND).alarm).toBe(false);
    expect(cusumDrift('sum', CUSUM_BOUND + 0.001)).toMatchObject({ alarm: true, threshold: 5, reference: 'champion' });
    expect(cusumDrift('sum', after(1, NaN, -9))).toMatchObject({ alarm: true, value: null });
  });
});

/** Mean 0, variance 1, from twelve uniform draws. */
const standardDraw = (rng: Rng): number => {
  let sum = 0;
  for (let draw = 0; draw < 12; draw += 1) sum += rng.below(65_536);
  return (sum + 6) / 65_536 - 6;
};

const RUNS = 2_000;
const LONGEST = 2_000;

/** Mean number of champions up to the alarm; `steps` makes the standardised losses of one chain of champions. */
const runLength = (seed: string, steps: (rng: Rng) => () => number): number => {
  let total = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const next = steps(Rng.from(seed, 'run-length').branch(run));
    let [sum, length] = [0, 0];
    while (sum <= CUSUM_BOUND && length < LONGEST) {
      sum = cusumAfter(sum, next());
      length += 1;
    }
    total += length;
  }
  return total / RUNS;
};

/** Champions whose true loss grows by `creep` standard errors each, measured anew on items of their own. */
const chain = (creep: number) => (rng: Rng) => {
  let [champions, before] = [0, noLoss];
  return () => {
    champions += 1;
    const now = { mean: creep * champions + standardDraw(rng), sd: 1, units: 1 };
    const step = standardisedLoss(now, before);
    before = now;
    return step;
  };
};

describe('how long it takes to an alarm', () => {
  it('is about 938 / 10.3 steps without the cap, of independent losses, as Siegmund has it', () => {
    const siegmund = (shift: number): number => {
      const [delta, bound] = [shift - 0.5, CUSUM_BOUND + 1.166];
      return (Math.exp(-2 * delta * bound) + 2 * delta * bound - 1) / (2 * delta * delta);
    };
    expect(siegmund(0)).toBeCloseTo(938.2, 0);
    expect(siegmund(1)).toBeCloseTo(10.34, 1);
    const capped = runLength('independent', (rng) => () => 1 + standardDraw(rng));
    expect(capped).toBeGreaterThan(siegmund(1));
    expect(capped).toBeLessThan(1.5 * siegmund(1));
  });

  it.each([
    [0, 1_900, 2_000],
    [1, 12, 40],
    [2, 5, 9],
    [3, 4, 5],
  ])('is, of champions that creep by %f standard errors each, between %d and %d champions', (creep, least, most) => {
    const length = runLength(`creep ${creep}`, chain(creep));
    expect(length).toBeGreaterThanOrEqual(least);
    expect(length).toBeLessThanOrEqual(most);
  });
});
