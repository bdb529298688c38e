import fc from 'fast-check';
import { canonicalJson } from '#ledger/record.js';
import { decodeResults, encodeResults, itemResults, MalformedResults } from './item-results.js';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

const columns = (nllNats: readonly number[]) => ({
  nllNats: Float64Array.from(nllNats),
  scored: Uint32Array.from(nllNats, () => 3),
  correct: Uint32Array.from(nllNats, () => 1),
});

describe('item results', () => {
  it('is RFC 8785 JSON', () => {
    const results = itemResults('gate-1', 'native', ['doc-1/0', 'é/1'], columns([1.25, 1e-7]));
    expect(text(encodeResults(results))).toBe(canonicalJson(results));
    expect(text(encodeResults(results))).toBe(
      '{"evaluator":"native","items":[{"correct":1,"id":"doc-1/0","nllNats":1.25,"scored":3},' +
        '{"correct":1,"id":"é/1","nllNats":1e-7,"scored":3}],"suite":"gate-1"}',
    );
  });

  it('gives back every binary64 loss to the bit', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (losses) => {
        const ids = losses.map((_, at) => `item-${at}`);
        const back = decodeResults(encodeResults(itemResults('s', 'native', ids, columns(losses))));
        // JSON has one zero: -0 is 0.
        expect(back.items.map(({ nllNats }) => nllNats)).toEqual(losses.map((loss) => loss + 0));
      }),
    );
  });

  it('keeps a loss that is not finite as null, which no rule passes', () => {
    const results = itemResults('s', 'native', ['a', 'b'], columns([NaN, Infinity]));
    expect(decodeResults(encodeResults(results)).items.map(({ nllNats }) => nllNats)).toEqual([null, null]);
  });

  it('refuses columns of another length', () => {
    expect(() => itemResults('s', 'native', ['a', 'b'], columns([1]))).toThrow('s: 2 items, but 1, 1, 1');
  });

  it.each([
    ['no JSON', 'nll'],
    ['a missing field', '{"evaluator":"native","items":[{"correct":1,"id":"a","scored":1}],"suite":"s"}'],
    ['an unknown field', '{"evaluator":"native","extra":1,"items":[],"suite":"s"}'],
    ['other order', '{"suite":"s","evaluator":"native","items":[]}'],
    ['white space', '{"evaluator":"native", "items":[],"suite":"s"}'],
    ['a negative count', '{"evaluator":"native","items":[{"correct":-1,"id":"a","nllNats":1,"scored":1}],"suite":"s"}'],
  ])('refuses %s', (_, json) => {
    expect(() => decodeResults(bytes(json))).toThrow(MalformedResults);
  });
});
