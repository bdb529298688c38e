import { LN } from '#corpus/domain/family.js';
import { scoreBytes } from './byte-scores.js';

const VOCAB = 4;
const sequence = (targets: readonly number[], mask: readonly number[]) => ({
  tokens: new Uint8Array(targets.length),
  targets: Uint8Array.from(targets),
  mask: Uint8Array.from(mask),
});
const ln = Math.log;

describe('scoring every byte', () => {
  it('gives a uniform guess over four the closed forms 1/4, 3/4 and ln 4', () => {
    const scores = scoreBytes([sequence([2, 0], [1, 0])], new Float32Array(2 * VOCAB), VOCAB);
    expect(scores.confidence).toEqual(Float64Array.of(0.25));
    expect(scores.likelihood).toEqual(Float64Array.of(0.25));
    expect(scores.brier).toEqual(Float64Array.of(0.75));
    expect(scores.nllNats[0]).toBeCloseTo(LN[4], 14);
    expect([...scores.right, ...scores.setSize]).toEqual([0]);
  });

  it('takes the first of equal logits for the most likely byte, as the evaluators do', () =>
    expect([...scoreBytes([sequence([0, 1], [1, 1])], new Float32Array(2 * VOCAB), VOCAB).right]).toEqual([1, 0]));

  it('scores the probabilities .1, .2, .3, .4 by hand', () => {
    // The Brier score of the right byte 2: .01 + .04 + .49 + .16.
    const logits = Float32Array.from([0.1, 0.2, 0.3, 0.4], (p) => ln(p) + 5);
    const { brier, nllNats, confidence, right, setSize } = scoreBytes([sequence([2], [1])], logits, VOCAB, 0.25);
    expect(brier[0]).toBeCloseTo(0.7, 6);
    expect(nllNats[0]).toBeCloseTo(-ln(0.3), 6);
    expect(confidence[0]).toBeCloseTo(0.4, 6);
    expect([right[0], setSize[0]]).toEqual([0, 2]);
  });

  it('gives 0 for a certain right answer, 2 for a certain wrong one, however large the logits', () => {
    const logits = Float32Array.of(0, 3e38, 0, 0, 0, 3e38, 0, 0);
    const { brier, nllNats } = scoreBytes([sequence([1, 0], [1, 1])], logits, VOCAB);
    expect([...brier]).toEqual([0, 2]);
    expect(nllNats[0]).toBe(0);
    expect(nllNats[1]).toBeGreaterThan(1e38);
  });

  it.each([NaN, Infinity, -Infinity])('has no number where a logit is %p, and is not right there', (logit) => {
    const logits = Float32Array.of(0, 0, logit, 0);
    const { brier, nllNats, confidence, right } = scoreBytes([sequence([0], [1])], logits, VOCAB, 0.1);
    expect([brier[0], nllNats[0], confidence[0], right[0]]).toEqual([NaN, NaN, NaN, 0]);
  });
});
