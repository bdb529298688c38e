import fc from 'fast-check';
import { scoreBytes } from '#evaluation/domain/byte-scores.js';
import {
  areaUnderRiskCoverage,
  byFallingConfidence,
  confidenceSums,
  conformalThreshold,
  expectedCalibrationError,
} from '#evaluation/domain/calibration.js';

const runs = { numRuns: 150, seed: 21 };
const VOCAB = 8;

/** One byte: its logits and which is right. */
const byte = fc.record({
  logits: fc.array(fc.float({ min: -60, max: 60, noNaN: true }), { minLength: VOCAB, maxLength: VOCAB }),
  target: fc.nat(VOCAB - 1),
});
const answers = fc.array(fc.record({ confidence: fc.double({ min: 0.01, max: 1, noNaN: true }), right: fc.nat(1) }), {
  minLength: 1,
  maxLength: 120,
});

const scored = (bytes: readonly Readonly<{ logits: readonly number[]; target: number }>[]) =>
  scoreBytes(
    [
      {
        tokens: new Uint8Array(bytes.length),
        targets: Uint8Array.from(bytes, ({ target }) => target),
        mask: new Uint8Array(bytes.length).fill(1),
      },
    ],
    Float32Array.from(bytes.flatMap(({ logits }) => logits)),
    VOCAB,
    0.1,
  );

/** The same by the textbook, with the engine's own functions. */
const byTheBook = ({ logits, target }: Readonly<{ logits: readonly number[]; target: number }>) => {
  const values = Float32Array.from(logits);
  const weights = Array.from(values, (logit) => Math.exp(logit - Math.max(...values)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const p = weights.map((weight) => weight / total);
  return {
    brier: p.reduce((sum, each, at) => sum + (each - (at === target ? 1 : 0)) ** 2, 0),
    nll: Math.log(total) + Math.max(...values) - (values[target] ?? NaN),
    confidence: Math.max(...p),
  };
};

describe('scores of bytes, for any logits', () => {
  it('are those of the textbook', () =>
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 12 }), (bytes) => {
        const found = scored(bytes);
        bytes.forEach((each, at) => {
          const { brier, nll, confidence } = byTheBook(each);
          expect(Math.abs((found.brier[at] ?? NaN) - brier)).toBeLessThan(1e-10);
          expect(Math.abs((found.nllNats[at] ?? NaN) - nll)).toBeLessThan(1e-9);
          expect(Math.abs((found.confidence[at] ?? NaN) - confidence)).toBeLessThan(1e-10);
          expect(found.brier[at]).toBeGreaterThanOrEqual(-1e-12);
          expect(found.brier[at]).toBeLessThanOrEqual(2 + 1e-12);
        });
      }),
      runs,
    ));

  it('hold the right byte where it is likely enough', () =>
    fc.assert(
      fc.property(byte, (each) => {
        const { setSize, likelihood } = scored([each]);
        if ((likelihood[0] ?? 0) > 0.1) expect(setSize[0]).toBeGreaterThan(0);
        expect(setSize[0]).toBeLessThanOrEqual(VOCAB);
      }),
      runs,
    ));
});

describe('calibration, for any answers', () => {
  it('errs by 0 to 1, at least by the distance of mean confidence and share right', () =>
    fc.assert(
      fc.property(answers, (given) => {
        const confidence = Float64Array.from(given, (answer) => answer.confidence);
        const order = byFallingConfidence(confidence);
        const right = Uint8Array.from(order, (at) => given[at]?.right ?? 0);
        const error = expectedCalibrationError(confidenceSums(confidence, order), right);
        const gap = given.reduce((sum, answer) => sum + answer.confidence - answer.right, 0) / given.length;
        expect(error).toBeGreaterThanOrEqual(Math.abs(gap) - 1e-12);
        expect(error).toBeLessThanOrEqual(1);
      }),
      runs,
    ));

  it('has the least risk where the right answers are the surest, the most where the wrong ones are', () =>
    fc.assert(
      fc.property(answers, (given) => {
        const right = Uint8Array.from(given, (answer) => answer.right);
        const [best, worst] = [right.slice().sort().reverse(), right.slice().sort()];
        expect(areaUnderRiskCoverage(right)).toBeGreaterThanOrEqual(areaUnderRiskCoverage(best) - 1e-12);
        expect(areaUnderRiskCoverage(right)).toBeLessThanOrEqual(areaUnderRiskCoverage(worst) + 1e-12);
      }),
      runs,
    ));

  it('sets a threshold that nine in ten of the likelihoods it was made of reach', () =>
    fc.assert(
      fc.property(answers, (given) => {
        const likelihoods = Float64Array.from(given, (answer) => answer.confidence);
        const threshold = conformalThreshold(likelihoods);
        const reached = likelihoods.filter((likelihood) => likelihood >= threshold).length;
        expect(reached).toBeGreaterThanOrEqual(Math.ceil(0.9 * likelihoods.length));
      }),
      runs,
    ));
});
