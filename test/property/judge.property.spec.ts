import fc from 'fast-check';
import { defaultConstitution as constitution } from '#constitution/domain/document.js';
import { eProcess } from '#constitution/domain/e-process.js';
import type { Evidence } from '#constitution/domain/evidence.js';
import { alphaShare, judge } from '#constitution/domain/judge.js';
import { noise } from '#constitution/domain/simulation.js';
import { verdictSchema } from '#constitution/domain/verdict.js';

const share = alphaShare(constitution);

/** Evidence over the whole range: mostly sound, with effects from clearly bad to clearly good. */
const evidences: fc.Arbitrary<Evidence> = fc
  .record({
    seed: fc.nat(1_000_000),
    gain: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
    loss: fc.double({ min: -0.05, max: 0.1, noNaN: true }),
    units: fc.integer({ min: 1, max: 200 }),
    k: fc.integer({ min: 1, max: 13 }),
    finite: fc.constantFrom(true, true, true, false),
    agreed: fc.constantFrom(true, true, true, false),
    kl: fc.double({ min: 0, max: 0.06, noNaN: true }),
  })
  .map(({ seed, gain, loss, units, k, finite, agreed, kl }) => {
    const draws = (metric: string, mean: number, sd: number): number[] => {
      const source = noise('property', metric, seed);
      return Array.from({ length: units }, () => mean + sd * source.next().value);
    };
    return {
      candidate: 'a'.repeat(64),
      finite,
      architectureUnchanged: true,
      budgets: { steps: 1, tokens: 1, klNatsPerByte: kl, weightRatio: 0.1 },
      lineage: { k, kMax: 12, alphaSpent: (k - 1) * share },
      suites: [
        { suite: 'one', role: 'gate' as const, queriesLeft: 1 },
        { suite: 'two', role: 'shadow' as const, queriesLeft: 0 },
      ],
      controls: { held: 8, checked: 8 },
      honeypotsFail: true,
      evaluators: [
        { name: 'native', build: '1', agreed: true },
        { name: 'onnx', build: '1', agreed },
        { name: 'reference', build: '1', agreed: true },
      ],
      paired: [
        {
          metric: 'general-bits-per-byte',
          reference: 'anchor' as const,
          referenceMean: 2.5,
          differences: draws('g', -loss, 0.03),
        },
        {
          metric: 'calibration-brier',
          reference: 'anchor' as const,
          referenceMean: 0.6,
          differences: draws('b', -loss / 4, 0.008),
        },
        {
          metric: 'capability',
          reference: 'champion' as const,
          referenceMean: 0.4,
          differences: draws('c', gain, 0.025),
        },
      ],
    };
  });

const leaves = (value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
    : [path];

const replaced = (value: unknown, [key, ...rest]: readonly (string | number)[], put: unknown): unknown => {
  if (key === undefined) return put;
  if (Array.isArray(value))
    return value.map((inner, at) => (String(at) === String(key) ? replaced(inner, rest, put) : inner));
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, put) };
};

const runs = { numRuns: 200, seed: 20 };

describe('judge, for any evidence', () => {
  it('returns a storable verdict for anything at all', () =>
    fc.assert(
      fc.property(fc.oneof(fc.anything(), evidences), (evidence) => {
        const verdict = judge(constitution, evidence);
        expect(verdictSchema.parse(verdict)).toEqual(verdict);
        expect(JSON.stringify(verdict).length).toBeLessThan(16_000);
      }),
      runs,
    ));

  it('does not depend on the order of rules or of evidence entries', () =>
    fc.assert(
      fc.property(evidences, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (evidence, keys) => {
        const shuffled = <T>(entries: readonly T[]): T[] =>
          entries
            .map((entry) => ({ entry, key: keys.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ entry }) => entry);
        const other = {
          ...evidence,
          suites: shuffled(evidence.suites),
          evaluators: shuffled(evidence.evaluators),
          paired: shuffled(evidence.paired),
        };
        expect(judge({ ...constitution, rules: shuffled(constitution.rules) }, other)).toEqual(
          judge(constitution, evidence),
        );
      }),
      runs,
    ));

  it('never accepts when a leaf is missing or no number', () =>
    fc.assert(
      fc.property(
        evidences,
        fc.nat(),
        fc.constantFrom(undefined, null, NaN, Infinity, -Infinity),
        (evidence, pick, put) => {
          const paths = leaves(evidence);
          const damaged = replaced(evidence, paths[pick % paths.length] ?? [], put);
          expect(judge(constitution, damaged).verdict).toBe('REJECT');
        },
      ),
      runs,
    ));

  it('never turns against a candidate because all its units improve', () => {
    const rank = { REJECT: 0, INCONCLUSIVE: 1, ACCEPT: 2 };
    fc.assert(
      fc.property(evidences, fc.double({ min: 0, max: 0.05, noNaN: true }), (evidence, improvement) => {
        const paired = evidence.paired.map((each) => ({
          ...each,
          differences: each.differences.map((difference) => difference + improvement),
        }));
        const before = judge(constitution, evidence).verdict;
        expect(rank[judge(constitution, { ...evidence, paired }).verdict]).toBeGreaterThanOrEqual(rank[before]);
      }),
      runs,
    );
  });
});

describe('false passes on the boundary', () => {
  const trials = 1_500;
  const paths = Array.from({ length: trials }, (_, trial) => {
    const source = noise('boundary', 'any', trial);
    return Array.from({ length: 200 }, () => -0.025 + 0.12 * source.next().value);
  });
  const passes = (alpha: number): number => {
    const at = { theta: -0.025, largestLoss: 0.5, alpha, mirrorAlpha: 1e-9 };
    return paths.filter((differences) => eProcess({ ...at, differences }).outcome === 'pass').length / trials;
  };
  const threeErrors = (alpha: number): number => 3 * Math.sqrt((alpha * (1 - alpha)) / trials);

  it.each([0.2, 0.05, share])('come no more often than alpha = %p, however long one reads', (alpha) => {
    const rate = passes(alpha);
    expect(rate).toBeLessThanOrEqual(alpha + threeErrors(alpha));
    if (alpha >= 0.05) expect(rate).toBeGreaterThan(alpha / 20);
  });
});
