import { Rng } from '#corpus/domain/random.js';
import { pairedT, type Tested } from './paired.js';
import { pairsFor, powerOfEquivalence, powerOfT } from './power.js';

// statsmodels 0.15.0: TTestPower().power(effect, pairs, alpha, alternative='larger'); scipy 1.17.1's nct.sf gives the same.
it.each([
  [0.5, 34, 0.025, 0.8077766855149761],
  [0.5, 10, 0.05, 0.4272898267711782],
  [1.6, 4, 0.025, 0.5816744391295104],
  [1, 8, 0.025, 0.680830149549934],
  [0.2, 199, 0.025, 0.8016900924629413],
  [2, 2, 0.025, 0.1756640037136371],
  [0.8, 16, 0.0125, 0.7536636983121121],
  [0.1, 1000, 0.025, 0.8847889454787679],
])('an effect of %d spreads is shown by %d pairs at alpha %d with power %d', (effect, pairs, alpha, power) => {
  expect(powerOfT({ pairs, sd: 1, effect, alpha })).toBeCloseTo(power, 9);
  expect(powerOfT({ pairs, sd: 3, effect: 3 * effect, alpha })).toBeCloseTo(power, 9);
});

// scipy 1.17.1: quad over chi(pairs - 1) of norm.cdf(above - t s) - norm.cdf(below + t s), absolute error 1e-13.
it.each([
  [8, 1, 0, 1, 0.05, 0.6350479550768996],
  [16, 1, 0, 1, 0.05, 0.969695342186746],
  [12, 1, 0, 1, 0.05, 0.8893810960387012],
  [4, 0.5, 0.2, 1, 0.05, 0.7580083555269241],
  [16, 1, 0.5, 1, 0.05, 0.6040085605095548],
  [30, 1.5, 0.1, 0.8, 0.025, 0.583234657179143],
  [2, 0.1, 0, 1, 0.05, 0.9645742104199967],
  [100, 2, 0, 0.6, 0.05, 0.8179750074688142],
])(
  '%d pairs of spread %d about %d lie within %d at alpha %d with power %d',
  (pairs, sd, effect, within, alpha, power) =>
    expect(powerOfEquivalence({ pairs, sd, effect, within, alpha })).toBeCloseTo(power, 9),
);

it.each([
  [0.2, 0.8, 199],
  [0.2, 0.9, 265],
  [0.5, 0.8, 34],
  [0.5, 0.9, 44],
  [0.8, 0.8, 15],
  [0.8, 0.9, 19],
])("Cohen's effect of %d takes, at two-sided 5%% and power %d, %d pairs", (effect, power, pairs) =>
  // statsmodels 0.15.0: TTestPower().solve_power, rounded up
  expect(pairsFor(power, (at) => powerOfT({ pairs: at, sd: 1, effect, alpha: 0.025 }))).toBe(pairs),
);

it('equivalence within one spread takes 11 pairs for 80%, within half of one 36, and where the effect is at the bound none do', () => {
  const needed = (effect: number, within: number) =>
    pairsFor(0.8, (pairs) => powerOfEquivalence({ pairs, sd: 1, effect, within, alpha: 0.05 }));
  expect([needed(0, 1), needed(0, 0.5), needed(1, 1)]).toEqual([11, 36, null]);
});

it('has the size alpha where there is nothing to be shown', () => {
  for (const pairs of [2, 3, 8, 64, 5_000])
    expect(powerOfT({ pairs, sd: 2, effect: 0, alpha: 0.05 })).toBeCloseTo(0.05, 9);
});

it('is the share of simulated experiments in which the test itself shows it', () => {
  const rng = Rng.from('power/1', 'paired');
  const draw = (): number => Array.from({ length: 12 }, () => rng.uniform()).reduce((sum, each) => sum + each, -6);
  const tested = Array.from({ length: 2_000 }, () => {
    const differences = Array.from({ length: 8 }, () => 0.8 + draw());
    return pairedT(differences, 0.05, 2) as Tested;
  });
  const share = (is: (each: Tested) => boolean): number => tested.filter(is).length / tested.length;
  // Three standard errors of a share of 2,000.
  const near = (found: number, power: number): void =>
    expect(Math.abs(found - power)).toBeLessThan(3 * Math.sqrt((power * (1 - power)) / 2_000));
  near(
    share(({ above }) => above <= 0.025),
    powerOfT({ pairs: 8, sd: 1, effect: 0.8, alpha: 0.025 }),
  );
  near(
    share(({ within }) => within <= 0.05),
    powerOfEquivalence({ pairs: 8, sd: 1, effect: 0.8, within: 2, alpha: 0.05 }),
  );
});

it.each([
  [{ pairs: 1 }, 'pairs: 1; must be a whole number'],
  [{ sd: 0 }, 'sd: 0; must be above 0'],
  [{ effect: NaN }, 'effect: NaN'],
  [{ alpha: 0.5 }, 'alpha: 0.5'],
])('refuses %j', (wrong, why) =>
  expect(() => powerOfT({ pairs: 4, sd: 1, effect: 1, alpha: 0.05, ...wrong })).toThrow(why),
);
