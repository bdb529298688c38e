import { composeBatches, composeGeneral, planSequences, type BatchRequest } from './batches.js';
import { bytesOf, documentsOf, type Corpus } from './corpus.js';
import { cutCorpus } from './documents.js';
import { familiesOf } from './families.js';
import { decodeSequences } from './plsq.js';
import { Rng } from './random.js';

const lines = (seed: string, bytes: number): Uint8Array => {
  const rng = Rng.from(seed, 'lines');
  return Uint8Array.from({ length: bytes }, (_, at) => (at % 50 === 49 ? 10 : 97 + rng.below(26)));
};
const { corpus } = cutCorpus('english', [{ name: 'book', bytes: lines('book', 200_000) }]);

const request: BatchRequest = {
  seed: '7',
  cycle: 1,
  steps: 20,
  batch: 8,
  sequence: 128,
  weightsPpm: { english: 500_000, sort: 300_000, recall: 200_000 },
  replayPpm: 0,
  replayWeightsPpm: { english: 1_000_000 },
  corpora: [corpus],
  families: familiesOf('7'),
};

/** All training documents with a byte between them that no window holds. */
const trainingOf = (one: Corpus): string =>
  documentsOf(one, 'train')
    .map((document) => new TextDecoder().decode(bytesOf(one, document)))
    .join('\u0000');

describe('composeBatches', () => {
  it('gives steps x batch sequences in about the shares asked for', () => {
    const { bytes, sequences, perDomain } = composeBatches({ ...request, steps: 200 });
    expect(sequences).toBe(1600);
    expect(decodeSequences(bytes)).toHaveLength(1600);
    expect(Math.abs((perDomain['english'] as number) - 800)).toBeLessThan(80);
    expect(Math.abs((perDomain['recall'] as number) - 320)).toBeLessThan(70);
  });

  it('takes text from whole training documents only', () => {
    const { bytes } = composeBatches({ ...request, weightsPpm: { english: 1_000_000 } });
    const training = trainingOf(corpus);
    for (const { tokens, targets } of decodeSequences(bytes)) {
      const text = new TextDecoder().decode(tokens) + String.fromCharCode(targets[127] as number);
      expect(training.includes(text)).toBe(true);
    }
  });

  it('gives the same bytes again, other bytes for another seed or cycle', () => {
    const { bytes } = composeBatches(request);
    expect(composeBatches(request).bytes).toEqual(bytes);
    expect(composeBatches({ ...request, cycle: 2 }).bytes).not.toEqual(bytes);
    expect(composeBatches({ ...request, seed: '8' }).bytes).not.toEqual(bytes);
  });

  it('keeps the content of a sequence when an arm with other weights gives it the same domain', () => {
    const one = decodeSequences(composeBatches(request).bytes);
    const other = decodeSequences(
      composeBatches({ ...request, weightsPpm: { english: 200_000, recall: 500_000, sort: 300_000 } }).bytes,
    );
    const longer = decodeSequences(composeBatches({ ...request, steps: 40 }).bytes);
    expect(longer.slice(0, one.length)).toEqual(one);
    const kind = (tokens: Uint8Array): number => ((tokens[0] as number) >= 0xf5 ? (tokens[0] as number) : 0);
    const alike = one.filter(({ tokens }, at) => kind(tokens) === kind((other[at] as (typeof other)[number]).tokens));
    expect(alike.length).toBeGreaterThan(40);
    one.forEach((sequence, at) => {
      const twin = other[at] as (typeof other)[number];
      if (kind(sequence.tokens) === kind(twin.tokens)) expect(twin).toEqual(sequence);
    });
  });

  it('draws the replay share from the replay mix', () => {
    const { perDomain } = composeBatches({
      ...request,
      steps: 200,
      weightsPpm: { sort: 1_000_000 },
      replayPpm: 500_000,
      replayWeightsPpm: { english: 1_000_000 },
    });
    expect(Math.abs((perDomain['english'] as number) - 800)).toBeLessThan(80);
  });

  it('shows remembered sequences again in place of replayed ones, and leaves the new ones as they are', () => {
    const replay = { replayPpm: 500_000, replayWeightsPpm: { english: 400_000, sort: 600_000 } };
    const plain = { ...request, weightsPpm: { recall: 1_000_000 }, ...replay };
    const places = [3, 8].map((index) => ({ cycle: 0, index }));
    const remembering = { ...plain, remembered: { sort: places } };
    const asText = (bytes: Uint8Array) => decodeSequences(bytes).map(({ tokens }) => tokens.join());
    const [before, after] = [plain, remembering].map((asked) => asText(composeBatches(asked).bytes));
    const firstSeen = asText(composeBatches({ ...request, cycle: 0, weightsPpm: { sort: 1_000_000 } }).bytes).filter(
      (_, at) => at === 3 || at === 8,
    );
    const replayed = [...planSequences(plain)].filter(({ domain }) => domain === 'sort').map(({ index }) => index);
    expect(replayed.length).toBeGreaterThan(30);
    expect(new Set(replayed.map((index) => after?.[index]))).toEqual(new Set(firstSeen));
    const others = (all: readonly string[] = []) => all.filter((_, index) => !replayed.includes(index));
    expect(others(after)).toEqual(others(before));
  });

  it('refuses weights that do not sum up, unknown domains and text that is too short', () => {
    expect(() => composeBatches({ ...request, weightsPpm: { sort: 999_999 } })).toThrow('sums to 999999');
    expect(() => composeBatches({ ...request, weightsPpm: { sort: 1_000_001, recall: -1 } })).toThrow(
      'weightsPpm.recall',
    );
    expect(() => composeBatches({ ...request, replayPpm: 1.5 })).toThrow('replayPpm: 1.5');
    expect(() => composeBatches({ ...request, weightsPpm: { poems: 1_000_000 } })).toThrow('domain "poems" is neither');
    const short = cutCorpus('english', [{ name: 'a', bytes: lines('a', 300) }]).corpus;
    expect(() =>
      composeBatches({ ...request, corpora: [short], sequence: 512, weightsPpm: { english: 1_000_000 } }),
    ).toThrow('corpus english: no training document holds 513 bytes');
  });
});

describe('composeGeneral', () => {
  it('gives training text with every position scored, and other windows for each purpose', () => {
    const general = { seed: '7', cycle: 1, count: 50, sequence: 64, corpus };
    const bytes = composeGeneral({ ...general, purpose: 'general' });
    const training = trainingOf(corpus);
    for (const { tokens, mask } of decodeSequences(bytes)) {
      expect(mask.every((scored) => scored === 1)).toBe(true);
      expect(training.includes(new TextDecoder().decode(tokens))).toBe(true);
    }
    expect(composeGeneral({ ...general, purpose: 'sentinel' })).not.toEqual(bytes);
    expect(composeGeneral({ ...general, purpose: 'general' })).toEqual(bytes);
  });
});
