import type { SealedSuite } from './suite.js';
import { query, remainingQueries, seal, suiteStream, type SuiteState } from './suite.js';
import type { EventOf } from '#ledger/event.js';
import { suiteEvents } from './events.js';

const hash = (digit: string): string => digit.repeat(64);
const sealedAs = (role: SealedSuite['role']): SealedSuite => ({
  suite: 'demo-gate',
  role,
  metrics: ['bits-per-byte'],
  itemsArtifact: hash('a'),
  unitsArtifact: hash('b'),
  items: 400,
  clusters: 200,
  sequence: 128,
  overlapLeftOut: 3,
  seedCommitment: hash('c'),
  reuseBudgetQueries: 2,
  corpora: ['english'],
  families: [],
});
const folded = (...facts: readonly EventOf<(typeof suiteEvents)[number]>[]): SuiteState =>
  facts.reduce(suiteStream.evolve, suiteStream.initial);
const asked = {
  run: 'demo',
  cycle: 1,
  candidate: hash('1'),
  itemsArtifact: hash('a'),
  looked: false,
  by: 'evaluator',
} as const;

describe('a suite', () => {
  it('is sealed once: the same again is nothing new, other items are refused', () => {
    const data = sealedAs('gate');
    const state = folded(...seal(data)(suiteStream.initial));
    expect(seal(data)(state)).toEqual([]);
    expect(() => seal({ ...data, itemsArtifact: hash('d') })(state)).toThrow(
      'suite demo-gate is sealed with other items',
    );
  });

  it('counts every query, also beyond its budget, and the same query only once', () => {
    const empty = folded(...seal(sealedAs('gate'))(suiteStream.initial));
    const [first] = query(asked)(empty);
    expect(first?.data).toEqual({
      suite: 'demo-gate',
      run: 'demo',
      cycle: 1,
      candidate: hash('1'),
      itemsArtifact: hash('a'),
      queryIndex: 0,
      remaining: 1,
    });
    const once = suiteStream.evolve(empty, first as NonNullable<typeof first>);
    expect(query(asked)(once)).toEqual([]);
    const [second] = query({ ...asked, candidate: hash('2') })(once);
    const twice = suiteStream.evolve(once, second as NonNullable<typeof second>);
    expect(remainingQueries(twice)).toBe(0);
    expect(query(asked)(twice)).toEqual([]);
    const [third] = query({ ...asked, candidate: hash('3') })(twice);
    expect(third?.data).toMatchObject({ queryIndex: 2, remaining: -1 });
    expect(remainingQueries(suiteStream.evolve(twice, third as NonNullable<typeof third>))).toBe(-1);
  });

  it.each(['policy', 'trainer', 'service', 'human'] as const)('shows a %s nothing', (by) => {
    const state = folded(...seal(sealedAs('scout'))(suiteStream.initial));
    expect(() => query({ ...asked, by })(state)).toThrow(`a ${by} asked; its items are shown to evaluators only`);
  });

  it('answers nothing before it is sealed, nor with other items', () => {
    expect(() => query(asked)(suiteStream.initial)).toThrow('not sealed');
    const state = folded(...seal(sealedAs('gate'))(suiteStream.initial));
    expect(() => query({ ...asked, itemsArtifact: hash('e') })(state)).toThrow(`items ${hash('e')} are not the sealed`);
  });

  it('with the role report answers only after a look was opened', () => {
    const state = folded(...seal(sealedAs('report'))(suiteStream.initial));
    expect(() => query(asked)(state)).toThrow('is a report suite; open a look');
    expect(query({ ...asked, looked: true })(state)).toHaveLength(1);
  });
});
