import fc from 'fast-check';
import { Rng } from '#corpus/domain/random.js';
import {
  areaUnderRiskCoverage,
  byFallingConfidence,
  confidenceSums,
  conformalThreshold,
  ECE_BINS,
  expectedCalibrationError,
} from './calibration.js';

const ece = (confidence: readonly number[], right: readonly number[]): number => {
  const values = Float64Array.from(confidence);
  const order = byFallingConfidence(values);
  return expectedCalibrationError(
    confidenceSums(values, order),
    Uint8Array.from(order, (at) => right[at] ?? 0),
  );
};

describe('expected calibration error', () => {
  it('is the plain mean of |confidence - right| where every bin holds one answer', () => {
    const confidence = Array.from({ length: ECE_BINS }, (_, at) => 0.2 + at / 20);
    const right = confidence.map((_, at) => at % 2);
    const byHand = confidence.reduce((sum, p, at) => sum + Math.abs(p - (right[at] ?? 0)), 0) / ECE_BINS;
    expect(ece(confidence, right)).toBeCloseTo(byHand, 12);
  });

  it('is 0 where each bin is right as often as it is sure, though single answers are not', () => {
    // Twice 15 answers at 1/2: every bin holds two, of which one is right.
    const confidence = Array.from({ length: 2 * ECE_BINS }, () => 0.5);
    expect(
      ece(
        confidence,
        confidence.map((_, at) => at % 2),
      ),
    ).toBe(0);
  });

  it('is 1 for somebody always sure and always wrong, .9 for one who is right in a tenth', () => {
    const sure = Array.from({ length: 150 }, () => 1);
    expect(ece(sure, [])).toBe(1);
    expect(
      ece(
        sure,
        sure.map((_, at) => (at % 10 === 0 ? 1 : 0)),
      ),
    ).toBeCloseTo(0.9, 12);
  });

  it('fills bins that differ by one answer at most', () => {
    const confidence = Float64Array.from({ length: 100 }, () => 1);
    const counts = confidenceSums(confidence, byFallingConfidence(confidence));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(Math.max(...counts) - Math.min(...counts)).toBe(1);
  });
});

describe('the order by falling confidence', () => {
  it('is that of a sort, with equals in the order given', () => {
    const values = fc.array(fc.oneof(fc.constantFrom(0, 0.25, 1), fc.double({ min: 0, max: 1, noNaN: true })));
    fc.assert(
      fc.property(values, (confidence) => {
        const sorted = confidence
          .map((_, at) => at)
          .sort((a, b) => (confidence[b] ?? 0) - (confidence[a] ?? 0) || a - b);
        expect(Array.from(byFallingConfidence(Float64Array.from(confidence)))).toEqual(sorted);
      }),
    );
  });

  it('begins with what is not a number', () => {
    expect(Array.from(byFallingConfidence(Float64Array.of(0.5, NaN, 0.75, NaN, 0.5)))).toEqual([1, 3, 2, 0, 4]);
  });
});

describe('the risk-coverage curve', () => {
  it.each([
    ['all right', [1, 1, 1], 0],
    ['all wrong', [0, 0], 1],
    ['the surest right', [1, 0], 0.25],
    ['the surest wrong', [0, 1], 0.75],
    // Risks 0, 0, 1/3, 1/2.
    ['two of four', [1, 1, 0, 0], (1 / 3 + 1 / 2) / 4],
  ])('has the area of hand: %s', (_, right, area) =>
    expect(areaUnderRiskCoverage(Uint8Array.from(right))).toBeCloseTo(area, 14),
  );
});

describe('the conformal threshold', () => {
  it('is the ceil(.9 (n + 1))-th largest likelihood', () => {
    const nine = Float64Array.from({ length: 9 }, (_, at) => (at + 1) / 10);
    expect(conformalThreshold(nine)).toBe(0.1);
    const nineteen = Float64Array.from({ length: 19 }, (_, at) => (at + 1) / 20);
    expect(conformalThreshold(nineteen)).toBe(0.1);
  });

  it('lets every byte in where there are too few to tell', () => {
    expect(conformalThreshold(Float64Array.of(0.9, 0.8))).toBe(0);
    expect(conformalThreshold(new Float64Array())).toBe(0);
  });

  it('covers fresh draws of any shape in 90% of cases', () => {
    const rng = Rng.from('conformal', 'spec');
    const draw = () => Float64Array.from({ length: 4_000 }, () => rng.uniform() ** 3);
    const threshold = conformalThreshold(draw());
    const covered = draw().filter((likelihood) => likelihood >= threshold).length / 4_000;
    // Twice the standard error of two samples of 4,000 is .013.
    expect(Math.abs(covered - 0.9)).toBeLessThan(0.02);
  });
});
