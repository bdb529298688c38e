import { blockValues, documentValues, meanValue, scoutLosses, sequenceIds, type Unit } from './items.js';

const units: readonly Unit[] = [
  { id: 'english:a', kind: 'document', domain: 'english', sequences: [0, 2] },
  { id: 'block-0', kind: 'block', domain: null, sequences: [1, 3] },
];
const ln2 = 0.6931471805599453;
const results = [
  { nllNats: 128 * ln2, scored: 128, correct: 64 },
  { nllNats: 10, scored: 40, correct: 10 },
  { nllNats: 384 * ln2, scored: 128, correct: 0 },
  { nllNats: 20, scored: 4, correct: 3 },
];

describe('unit values', () => {
  it('of documents are bits per byte over all their windows', () => {
    expect(documentValues(units, results)).toEqual([{ id: 'english:a', value: 2 }]);
  });

  it('of blocks are the mean accuracy of their sequences, however many bytes each scores', () => {
    expect(blockValues(units, results)).toEqual([{ id: 'block-0', value: 0.5 }]);
  });

  it('are NaN for a loss that is not finite, and refuse missing results', () => {
    const broken = [{ nllNats: null, scored: 128, correct: 0 }, ...results.slice(1)];
    expect(documentValues(units, broken)[0]?.value).toBeNaN();
    expect(() => documentValues(units, results.slice(0, 2))).toThrow('unit english:a: no result for sequence 2 of 2');
  });

  it('have names for every sequence, in the order of the blob', () => {
    expect(sequenceIds(units)).toEqual(['english:a/0', 'block-0/0', 'english:a/1', 'block-0/1']);
  });

  it('give scout losses in nats per scored position of each domain', () => {
    const scout: readonly Unit[] = [
      { id: 'domain:sort', kind: 'domain', domain: 'sort', sequences: [1] },
      { id: 'domain:dyck', kind: 'domain', domain: 'dyck', sequences: [3, 1] },
    ];
    expect(scoutLosses(scout, results)).toEqual({ sort: 0.25, dyck: 30 / 44 });
  });

  it('have an unweighted mean, NaN of nothing', () => {
    expect(
      meanValue([
        { id: 'a', value: 1 },
        { id: 'b', value: 2 },
      ]),
    ).toBe(1.5);
    expect(meanValue([])).toBeNaN();
  });
});
