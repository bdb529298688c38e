import fc from 'fast-check';
import { capability, generalQuality, type Point, type SeedCurve } from '#experiment/domain/curve.js';
import { curveEnvelope, envelopeOf, type Measured } from '#experiment/domain/envelope.js';
import { CAUSES } from '#experiment/domain/attribution.js';

const number = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: -1e6, max: 1e6 }) },
  fc.constantFrom(0, -0, 1, 1e-300, NaN, Infinity),
);
const point: fc.Arbitrary<Point> = fc.record({
  cycle: fc.nat(30),
  value: fc.option(number, { freq: 12 }),
  units: fc.option(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 9 })),
});
const points = fc.array(point, { maxLength: 32 });
const seeds: fc.Arbitrary<readonly SeedCurve[]> = fc
  .array(points, { maxLength: 6 })
  .map((curves) => curves.map((each, at) => ({ run: `run-${at}`, points: each })));
const facts = fc.record({
  cycles: fc.array(
    fc.record({
      cycle: fc.nat(30),
      verdict: fc.constantFrom('ACCEPT', 'REJECT', 'INCONCLUSIVE', null),
      degraded: fc.boolean(),
      heldBack: fc.boolean(),
      step: fc.option(number),
      stepHalfWidth: fc.option(number),
    }),
    { maxLength: 30 },
  ),
  epochs: fc.option(number),
  meanCosine: fc.option(fc.double({ min: -1, max: 1, noNaN: true })),
});
const both = fc.record({ capability: points, general: points });
const measured: fc.Arbitrary<readonly Measured[]> = fc
  .array(fc.record({ proposal: both, accepted: both, facts }), { maxLength: 5 })
  .map((runs) => runs.map((run, at) => ({ run: `run-${at}`, ...run })));

const numbers = (value: unknown): readonly number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(numbers)
      : [];

const options = { numRuns: 120 };

it('is total: whatever was measured, every figure is a finite number or null', () => {
  fc.assert(
    fc.property(measured, (runs) => {
      const envelope = envelopeOf(runs);
      expect(numbers(envelope).filter((value) => !Number.isFinite(value))).toEqual([]);
      expect(envelope.curves).toHaveLength(4);
      expect(envelope.descriptive).toBe(runs.length < 2);
      for (const { cause } of envelope.attribution) expect(CAUSES).toContain(cause);
    }),
    options,
  );
});

it('does not depend on the order of the seeds, nor on naming one twice', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(capability, generalQuality), fc.nat(), (curves, metric, turn) => {
      const turned = curves.map((_, at) => curves[(at + turn) % curves.length] as SeedCurve).reverse();
      const once = curveEnvelope('proposal', metric, curves);
      expect(curveEnvelope('proposal', metric, turned)).toEqual(once);
      expect(curveEnvelope('proposal', metric, [...turned, ...curves])).toEqual(once);
    }),
    options,
  );
});

it('one seed never has a state beyond a collapse of its own', () => {
  fc.assert(
    fc.property(points, (each) => {
      const { state } = curveEnvelope('accepted', capability, [{ run: 'only', points: each }]);
      expect(['inconclusive', 'collapsed']).toContain(state);
    }),
    options,
  );
});

it('more is better in one metric as less is in the other', () => {
  fc.assert(
    fc.property(seeds, (curves) => {
      const mirrored = { ...generalQuality, collapseShare: 0, ofInterest: { absolute: 0.01 }, least: -1, most: 0 };
      const turned = curves.map(({ run, points: each }) => ({
        run,
        points: each.map(({ cycle, value, units }) => ({
          cycle,
          value: value === null ? null : -value,
          units: units?.map((unit) => -unit) ?? null,
        })),
      }));
      const [up, down] = [curveEnvelope('accepted', capability, curves), curveEnvelope('accepted', mirrored, turned)];
      expect(down.state).toBe(up.state);
      expect(down.peak).toEqual(up.peak);
      expect(down.points.map(({ regret }) => regret)).toEqual(up.points.map(({ regret }) => regret));
    }),
    options,
  );
});
