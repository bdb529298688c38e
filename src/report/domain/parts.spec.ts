import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '#run/domain/events.js';
import type { ArmRun, ArmStory } from './arm-story.js';
import { costPart } from './cost-part.js';
import { cyclePart } from './cycle-part.js';
import type { Block, Sentence } from './document.js';
import { envelopePart } from './envelope-part.js';
import type { Placed } from './told.js';

const placed = (type: string, position: number, data: object): Placed<RunEvent> => ({
  event: { type, data } as unknown as RunEvent,
  cite: { stream: 'run-a', revision: position, position },
  at: '',
  by: '',
});
const started = (policy: string) => placed('RunStarted', 0, { config: { policy } });
const verdict = (position: number, cycle: number) =>
  placed('VerdictReached', position, {
    cycle,
    verdict: 'REJECT',
    reasons: [{ outcome: 'fail', rule: 'kept', kind: 'NON-INFERIORITY' }],
  });
const proposal = (position: number, cycle: number) => placed('CycleProposed', position, { cycle });
const aborted = (position: number, cycle: number) => placed('UpdateAborted', position, { cycle });

const told = [
  started('uniform'),
  proposal(1, 1),
  verdict(2, 1),
  proposal(3, 2),
  verdict(4, 2),
  proposal(5, 3),
  aborted(6, 3),
];
const curve = {
  curve: 'accepted',
  metric: { metric: 'capability', unit: 'accuracy' },
  points: [],
  tail: { fromCycle: 2 },
};
const causes = ['GATE', 'POWER', 'CEILING', 'DATA', 'DYNAMICS'].map((cause) => ({
  cause,
  holds: true,
  value: 1,
  bound: 1,
}));
const storyOf = (events: readonly Placed<RunEvent>[], sharedWith?: string): ArmStory => ({
  arm: 'one',
  sharedWith,
  runs: [{ events, measured: {}, evidence: [] } as unknown as ArmRun],
  envelope: { runs: ['a'], curves: [curve], stalled: true, attribution: causes } as unknown as ArmStory['envelope'],
});

const sentencesOf = (blocks: readonly Block[]): readonly Sentence[] =>
  blocks.flatMap((block) => (block.kind === 'said' ? block.sentences : block.kind === 'list' ? block.items : []));
const rowsOf = (blocks: readonly Block[]) =>
  blocks.flatMap((block) => (block.kind === 'table' ? block.table.rows : []));
const positions = ({ cites }: Pick<Sentence, 'cites'>): readonly number[] => cites.map(({ position }) => position);

describe('what became of cycles', () => {
  it('counts cycles without a candidate, and cites every event that is counted', () => {
    const blocks = cyclePart([storyOf(told)], 3);
    const [said, ...more] = sentencesOf(blocks);
    expect(said?.text).toMatch(
      /^2 candidates were judged: 0 accepted, 2 rejected, 0 inconclusive. 1 cycle came to no candidate\.$/,
    );
    expect(said && positions(said)).toEqual([2, 4, 6]);
    expect(more).toEqual([]);
    const [counts, rule] = rowsOf(blocks);
    expect(counts && [...positions(counts)].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(rule && positions(rule)).toEqual([2, 4]);
  });

  it('speaks of a frozen arm where there is one, and says whose the runs are', () => {
    const blocks = cyclePart([storyOf([started('frozen'), proposal(1, 1)], 'regimes')], 3);
    expect(sentencesOf(blocks).map(({ text }) => text)).toContainEqual(expect.stringMatching(/^A frozen arm/));
    expect(rowsOf(blocks)[0]?.cells[0]).toBe('one (runs of regimes)');
    const costs = costPart([storyOf(told, 'regimes')]);
    expect(rowsOf(costs)[0]?.cells[0]).toBe('one (runs of regimes)');
    expect(sentencesOf(costs).at(-1)?.text).toMatch(/^Runs of regimes were made once/);
    expect(sentencesOf(costPart([storyOf(told)]))).toHaveLength(1);
  });
});

it('a cause of a stall cites the verdicts of the tail, or what was proposed to be read', () => {
  const said = sentencesOf(envelopePart([storyOf(told)])).filter(({ text }) => /^[A-Z]+: /.test(text));
  expect(said.map((one) => [one.text.split(':')[0], positions(one)])).toEqual([
    ['GATE', [4]],
    ['POWER', [4]],
    ['CEILING', []],
    ['DATA', [0, 1, 3, 5]],
    ['DYNAMICS', [4]],
  ]);
});
