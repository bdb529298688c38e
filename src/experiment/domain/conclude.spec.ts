import { Rng } from '#corpus/domain/random.js';
import { methodSentence, whySentence } from './conclusion-wording.js';
import { concludeAll } from './conclude.js';
import type { Ending, RunEnding } from './ending.js';
import { registrationSchema } from './checked-registration.js';
import type { Registration } from './registration.js';

type Value = number | null;
/** Capability and bits per byte at the end; null: not finite, or there is no such checkpoint. `halted`: no report at all. */
type Ended = Readonly<{ capability?: Value; bits?: Value; halted?: true }>;

const anchor = { capability: 0.3, 'general-bits-per-byte': 4 };

const ending = (arm: string, number: number, { capability = 0.3, bits = 4, halted }: Ended): RunEnding => {
  const metrics = {
    ...(capability !== null && { capability }),
    ...(bits !== null && { 'general-bits-per-byte': bits }),
  };
  const reported = [
    { checkpoint: 'anchor', metrics: anchor },
    { checkpoint: 'champion', metrics },
  ];
  const run = {
    status: halted ? 'halted' : 'completed',
    config: { cycles: 1 },
    anchor: { checkpoint: 'anchor' },
    champion: 'champion',
    cycles: [],
    look: halted ? undefined : {},
    reported: halted ? [] : reported,
  };
  const of = { experiment: 'drug', arm };
  const planned = { run: `drug-${arm}-${number}`, arm, number, seed: 100 + number, of };
  const probedAt = new Map([
    ['anchor', 3],
    ['champion', 4],
  ]);
  return { planned, run: run as unknown as RunEnding['run'], revision: 9, probedAt };
};

const registered = (...hypotheses: readonly object[]): Registration =>
  registrationSchema.parse({
    experiment: 'drug',
    question: 'Does it help?',
    arms: [{ arm: 'plain' }, { arm: 'treated' }],
    seeds: 4,
    cycles: 1,
    hypotheses: hypotheses.map((changes, at) => ({
      hypothesis: `h${at}`,
      claim: 'It does.',
      metric: 'capability',
      arm: 'treated',
      against: 'plain',
      expects: 'superior',
      ...changes,
    })),
  });

/** Capabilities of the treated arm, in points above the plain one. */
const gains = (...points: readonly number[]): readonly Ending[] =>
  points.flatMap((gain, at) => [
    ending('plain', at + 1, { capability: 0.3 + at / 100 }),
    ending('treated', at + 1, { capability: 0.3 + at / 100 + gain / 100 }),
  ]);

const conclude = (registration: Registration, endings: readonly Ending[], alpha = 0.05) =>
  concludeAll(registration, { look: 1, alpha }, endings);

const sentenceOf = (found: ReturnType<typeof conclude>[number] | undefined): string =>
  (found && whySentence(found)) ?? '';

const CLEAR = [2.1, 1.9, 2.2, 2];
const NONE = [0.05, -0.05, 0.02, -0.04];

it.each([
  ['a clear gain', CLEAR, 'superior', 'superior'],
  ['a clear loss', CLEAR.map((gain) => -gain), 'superior', 'inferior'],
  ['a difference too small to be of interest', NONE, 'superior', 'equivalent'],
  ['a sure gain that is too small to be of interest', [0.31, 0.29, 0.32, 0.3], 'superior', 'equivalent'],
  ['a gain in some seeds only', [4, -1, 3, -2], 'superior', 'inconclusive'],
  ['a clear gain where none was expected', CLEAR, 'equivalent', 'superior'],
  ['no difference where none was expected', NONE, 'equivalent', 'equivalent'],
  ['a gain where no loss was expected', CLEAR, 'non-inferior', 'superior'],
  ['no loss of interest, but perhaps a gain', [2.1, -0.1, 1.2, 0.1], 'non-inferior', 'non-inferior'],
  ['a loss where none was expected', CLEAR.map((gain) => -gain), 'non-inferior', 'inferior'],
  ['a clear loss that was expected', CLEAR.map((gain) => -gain), 'inferior', 'inferior'],
])('%s is concluded', (_what, points, expects, outcome) => {
  const [found] = conclude(registered({ expects }), gains(...points));
  expect(found).toMatchObject({ expected: expects, outcome, n: 4, unit: 'points' });
  expect(found?.why === null).toBe(outcome !== 'inconclusive');
});

it('is paired: what the seeds differ in falls out', () => {
  const [found] = conclude(registered({}), gains(...CLEAR));
  expect(found?.estimate).toBeCloseTo(2.05, 10);
  expect(found?.interval).toMatchObject({
    level: 0.95,
    low: expect.closeTo(1.8446, 3),
    high: expect.closeTo(2.2554, 3),
  });
  expect(found?.values[0]).toMatchObject({ seed: 101, arm: 0.321, against: 0.3, difference: expect.closeTo(2.1, 10) });
  expect(found && methodSentence(found)).toMatch(
    /^paired t test .* 95% interval; .* within 1 point by .* Holm over 1 hypothesis/,
  );
  expect(found?.cites.slice(0, 2)).toEqual([
    { stream: 'run-drug-treated-1', revision: 4 },
    { stream: 'run-drug-plain-1', revision: 4 },
  ]);
});

it('counts bits per byte in percent of the anchor, positive where better, and the anchor by its own probe', () => {
  const endings = [3.9, 3.88, 3.92].map((bits, at) => ending('treated', at + 1, { bits }));
  const about = { metric: 'general-bits-per-byte', against: 'anchor' };
  const [found] = conclude(registered(about, { against: 'anchor' }), endings);
  expect(found).toMatchObject({ unit: 'percent', outcome: 'superior', estimate: expect.closeTo(2.5, 10) });
  expect(found?.cites[1]).toEqual({ stream: 'run-drug-treated-1', revision: 3 });
});

it('counts them in percent of the anchor on the other side', () => {
  const endings = [3.9, 3.88, 3.92].flatMap((bits, at) => [
    ending('treated', at + 1, { bits }),
    ending('plain', at + 1, { bits: 2 }),
  ]);
  const [found] = conclude(registered({ metric: 'general-bits-per-byte' }, {}), endings);
  expect(found).toMatchObject({ outcome: 'inferior', estimate: expect.closeTo(-47.5, 10) });
});

it('corrects the registered claims by Holm, and the others by an equal share', () => {
  const alone = conclude(registered({}), gains(2, 1, 3, 0.9))[0];
  expect(alone?.outcome).toBe('superior');
  expect(alone?.p?.claim).toBeGreaterThan(0.025);
  const [first, second] = conclude(registered({}, { expects: 'equivalent' }), gains(2, 1, 3, 0.9));
  expect([first?.outcome, second?.outcome]).toEqual(['inconclusive', 'inconclusive']);
  expect(first?.p?.holm).toBeCloseTo(2 * (first?.p?.claim ?? 0), 12);
  expect(alone?.p?.holm).toBe(alone?.p?.claim);
  const small = gains(0.56, -0.42, 0.7, -0.56);
  expect(conclude(registered({}), small)[0]).toMatchObject({
    outcome: 'equivalent',
    p: { within: expect.closeTo(0.032, 2) },
  });
  expect(conclude(registered({}, {}), small)[0]?.outcome).toBe('inconclusive');
});

describe('a seed without a reading', () => {
  const endings = (failed: Ended): readonly Ending[] => [
    ...gains(...CLEAR.slice(0, 3)),
    ending('plain', 4, {}),
    ending('treated', 4, failed),
  ];
  const leaving = { ...registered({}), failureRules: { endedEarly: 'leave-out', noReading: 'leave-out' } } as const;

  it.each([
    [
      'a run that was halted',
      { halted: true } as const,
      'endedEarly',
      /by its failure rule.*drug-treated-4 ended before/,
    ],
    ['a loss that is not finite', { capability: null }, 'noReading', /drug-treated-4 has no such checkpoint/],
  ])('%s spoils the hypothesis, or is left out where that was registered', (_what, failed, why, sentence) => {
    const [spoilt] = conclude(registered({}), endings(failed));
    expect(spoilt).toMatchObject({ outcome: 'inconclusive', estimate: null, p: null, n: 3 });
    expect(spoilt?.why).toBe(why);
    expect(sentenceOf(spoilt)).toMatch(sentence);
    const [left] = conclude(leaving, endings(failed));
    expect(left).toMatchObject({
      outcome: 'superior',
      n: 3,
      leftOut: [{ seed: 104, run: 'drug-treated-4', why }],
    });
  });

  it('is missing where the last cycle has no candidate', () => {
    const [found] = conclude(registered({ reads: 'candidate' }), gains(...CLEAR));
    expect(found).toMatchObject({ why: 'noReading', n: 0 });
    expect(found?.leftOut).toHaveLength(4);
  });
});

it('says why where nothing can be tested', () => {
  const same = [1, 2, 3].flatMap((number) => [ending('plain', number, {}), ending('treated', number, {})]);
  expect(conclude(registered({}), same)[0]).toMatchObject({
    outcome: 'inconclusive',
    why: 'zeroVariance',
  });
  expect(sentenceOf(conclude(registered({}), same.slice(0, 2))[0])).toMatch(/too few seeds: 1 of at least 2/);
});

it('scores what was predicted by the squared error of the probability', () => {
  const predictions = [
    { by: 'ada', hypothesis: 'h0', outcome: 'superior', probability: 0.8 },
    { by: 'bob', hypothesis: 'h0', outcome: 'equivalent', probability: 0.5 },
  ] as const;
  const [found] = conclude({ ...registered({}), predictions: [...predictions] }, gains(...CLEAR));
  expect(found?.predictions.map(({ by, brier }) => [by, brier])).toEqual([
    ['ada', expect.closeTo(0.04, 12)],
    ['bob', 0.25],
  ]);
});

describe('1,000 experiments with two hypotheses', () => {
  const registration = registered({ sesoi: 0.5 }, { metric: 'general-bits-per-byte', sesoi: 0.5 });
  const rng = Rng.from('conclude/1', 'experiments');
  const noise = (): number => Array.from({ length: 12 }, () => rng.uniform()).reduce((sum, draw) => sum + draw, -6);
  /** Share of them in which any hypothesis has one of these outcomes; a difference has spread 1 in its unit. */
  const shareOf = (outcomes: readonly string[], gain: number): number => {
    let hits = 0;
    for (let at = 0; at < 1_000; at += 1) {
      const endings = [1, 2, 3, 4].flatMap((number) => [
        ending('plain', number, {}),
        ending('treated', number, { capability: 0.3 + (gain + noise()) / 100, bits: 4 - (4 * (gain + noise())) / 100 }),
      ]);
      if (conclude(registration, endings).some(({ outcome }) => outcomes.includes(outcome))) hits += 1;
    }
    return hits / 1_000;
  };
  /** Alpha and three of its standard errors. */
  const MOST = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / 1_000);

  it('find a difference where there is none in at most 5% of them', () =>
    expect(shareOf(['superior', 'inferior'], 0)).toBeLessThan(MOST));

  it('call what is just of interest equivalent in at most 5% of them', () =>
    expect(shareOf(['equivalent'], 0.5)).toBeLessThan(MOST));

  it('find what is four spreads large nearly always', () => expect(shareOf(['superior'], 4)).toBeGreaterThan(0.95));
});
