import type { RunConfig } from '#run/domain/config.js';
import type { RunEvent } from '#run/domain/events.js';
import { measuredOf } from './arm.js';
import { factOf, type Fact } from './fact.js';

const start: Fact = {
  kind: 'start',
  config: { run: 'a', base: { kind: 'checkpoint', checkpoint: '0'.repeat(64) } } as unknown as RunConfig,
};
const judged = (cycle: number): Fact => ({
  kind: 'verdict',
  cycle,
  verdict: 'REJECT',
  degraded: false,
  step: 0.01,
  stepHalfWidth: 0.005,
});
const heldBack = (...events: readonly object[]): readonly number[] => {
  const facts = [start, ...[1, 2, 3, 4, 5].map(judged), ...events.flatMap((event) => factOf(event as RunEvent) ?? [])];
  const measured = measuredOf(facts, { source: 'gate', unitsOf: () => undefined, trainBytes: new Map() });
  return (measured?.facts.cycles ?? []).flatMap((cycle) => (cycle.heldBack ? cycle.cycle : []));
};

describe('given five rejected candidates', () => {
  it('when nothing answered them, then none counts as held back', () => expect(heldBack()).toEqual([]));

  it('when the regime backed off and the run was halted, then those do that the two events name', () => {
    const backedOff = { type: 'RegimeBackedOff', data: { cycle: 3, rejected: [1, 2] } };
    const stalled = { type: 'AdaptationStalled', data: { rejected: [4, 5] } };
    expect(heldBack(backedOff)).toEqual([1, 2]);
    expect(heldBack(backedOff, stalled)).toEqual([1, 2, 4, 5]);
  });
});

describe('given an update of 1,000 bytes, half of them replayed', () => {
  const epochs = (memory: object | null): number | null => {
    const config = { ...(start as { config: RunConfig }).config, general: 'english' };
    const proposed = {
      type: 'CycleProposed',
      data: { cycle: 1, allocation: { weightsPpm: { sort: 1e6 } }, regime: { replayPpm: 500_000 }, memory },
    };
    const proposal = factOf(proposed as unknown as RunEvent) as Fact;
    const facts: Fact[] = [
      { kind: 'start', config },
      proposal,
      { kind: 'update', cycle: 1, candidate: 'c', tokens: 1_000 },
    ];
    const trainBytes = new Map(Object.entries({ english: 100, novel: 50 }));
    return measuredOf(facts, { source: 'gate', unitsOf: () => undefined, trainBytes })?.facts.epochs ?? null;
  };

  it('when nothing is remembered, then all of it is general text', () => expect(epochs(null)).toBe(5));

  it('when text is remembered, then it is read again instead', () =>
    expect(epochs({ replayWeightsPpm: { english: 200_000, novel: 800_000 } })).toBe(8));
});
