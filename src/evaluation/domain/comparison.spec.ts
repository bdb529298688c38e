import { compareEvaluators, DEFAULT_TOLERANCE, sharedItems, type Side } from './comparison.js';

const VOCAB = 4;

/** Two items of three positions; the most likely byte of every position is 2. */
const side = (change: Partial<Side> = {}): Side => ({
  nllNats: Float64Array.of(3.5, 2.25),
  scored: Uint32Array.of(3, 2),
  correct: Uint32Array.of(2, 1),
  logits: Float32Array.from({ length: 2 * 3 * VOCAB }, (_, at) => (at % VOCAB === 2 ? 4 : 1)),
  ...change,
});

const logitsWith = (at: number, value: number): Float32Array => {
  const { logits } = side();
  logits[at] = value;
  return logits;
};

const compare = (primary: Side, shadow: Side) => compareEvaluators(primary, shadow, { vocab: VOCAB });

describe('comparing evaluators', () => {
  it('agrees exactly with itself', () => {
    expect(compare(side(), side())).toEqual({
      agreed: true,
      reasons: [],
      items: 2,
      tolerance: DEFAULT_TOLERANCE,
      approx: { maxAbsLogitDiff: 0, maxAbsLogit: 4, nllDiffNatsPerByte: 0, top1Agreement: 1 },
    });
  });

  it('takes logits within 1e-4 (1 + largest logit) for equal and no more', () => {
    expect(compare(side(), side({ logits: logitsWith(2, 4 + 4e-4) })).agreed).toBe(true);
    expect(compare(side(), side({ logits: logitsWith(2, 4 + 6e-4) })).reasons).toEqual(['logits-differ']);
  });

  it('finds losses that differ even where the differences cancel', () => {
    const shifted = compare(side(), side({ nllNats: Float64Array.of(3.5001, 2.2499) }));
    expect(shifted.reasons).toEqual(['losses-differ']);
    expect(shifted.approx['nllDiffNatsPerByte']).toBeCloseTo(4e-5, 9);
  });

  it('finds positions whose most likely byte differs', () => {
    const wide = { ...DEFAULT_TOLERANCE, logit: 1 };
    const flipped = compareEvaluators(side(), side({ logits: logitsWith(1, 4.5) }), { vocab: VOCAB, tolerance: wide });
    expect(flipped.reasons).toEqual(['most-likely-bytes-differ']);
    expect(flipped.approx['top1Agreement']).toBeCloseTo(5 / 6, 12);
  });

  it('finds miscounted positions and answers', () => {
    expect(compare(side(), side({ scored: Uint32Array.of(3, 3) })).reasons).toEqual(['scored-positions-differ']);
    expect(compare(side(), side({ correct: Uint32Array.of(3, 1) })).reasons).toEqual(['right-answers-differ']);
  });

  it('never agrees on a value that is not finite, even where both have it', () => {
    const broken = side({ logits: logitsWith(5, NaN) });
    expect(compare(broken, broken).reasons).toEqual(['logit-not-finite']);
    expect(compare(broken, broken).approx).not.toHaveProperty('maxAbsLogit');
    const lost = side({ nllNats: Float64Array.of(NaN, 2.25) });
    expect(compare(lost, lost).reasons).toEqual(['loss-not-finite']);
    const infinite = side({ logits: logitsWith(5, Infinity) });
    expect(compare(infinite, infinite).reasons).toEqual(['logit-not-finite']);
  });

  it('refuses to compare nothing, or different shapes', () => {
    const nothing: Side = {
      nllNats: new Float64Array(),
      scored: new Uint32Array(),
      correct: new Uint32Array(),
      logits: new Float32Array(),
    };
    expect(compare(nothing, nothing).reasons).toEqual(['no-items']);
    expect(compare(side(), nothing).reasons).toEqual(['shapes-differ']);
  });
});

describe('the share both evaluators score', () => {
  it('is one in ten, the first among them, all different and in order', () => {
    const share = sharedItems(1000, 10);
    expect(share).toHaveLength(100);
    expect(share[0]).toBe(0);
    expect([...new Set(share)].toSorted((a, b) => a - b)).toEqual(share);
  });

  it.each([2, 5, 7, 8, 10])('leaves out no family when %i families take turns', (families) => {
    expect(new Set(sharedItems(300, 10).map((index) => index % families)).size).toBe(families);
  });

  it('is everything when every item is asked for', () => {
    expect(sharedItems(3, 1)).toEqual([0, 1, 2]);
    expect(() => sharedItems(3, 0)).toThrow('every 0');
  });
});
