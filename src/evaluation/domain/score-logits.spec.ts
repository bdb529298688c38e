import { scoreLogits } from './score-logits.js';

const VOCAB = 256;
const LENGTH = 64;

const sequence = (targets: readonly number[], mask: readonly number[]) => ({
  tokens: new Uint8Array(LENGTH),
  targets: Uint8Array.from({ length: LENGTH }, (_, at) => targets[at] ?? 0),
  mask: Uint8Array.from({ length: LENGTH }, (_, at) => mask[at] ?? 0),
});

describe('scoring logits', () => {
  it('gives the null model exactly 8 bits for every scored byte and skips the others', () => {
    const flat = new Float32Array(2 * LENGTH * VOCAB);
    const scores = scoreLogits([sequence([7, 9], [1, 1]), sequence([0, 3], [0, 1])], flat, VOCAB);
    expect([...scores.nllNats]).toEqual([2 * Math.log(256), Math.log(256)]);
    expect([...scores.scored]).toEqual([2, 1]);
    // All equal: the first byte counts as the most likely one.
    expect([...scores.correct]).toEqual([0, 0]);
  });

  it('counts right answers and stays finite for huge logits', () => {
    const logits = new Float32Array(LENGTH * VOCAB);
    logits[7] = 3e38;
    logits[VOCAB + 1] = 5;
    const scores = scoreLogits([sequence([7, 2], [1, 1])], logits, VOCAB);
    expect(scores.correct[0]).toBe(1);
    expect(scores.nllNats[0]).toBeCloseTo(Math.log(255 + Math.exp(5)), 12);
  });

  it('is NaN as soon as a scored logit is, and such an answer is never right', () => {
    const logits = new Float32Array(LENGTH * VOCAB);
    logits[0] = NaN;
    const scores = scoreLogits([sequence([0], [1])], logits, VOCAB);
    expect(scores.nllNats[0]).toBeNaN();
    expect(scores.correct[0]).toBe(0);
  });
});
