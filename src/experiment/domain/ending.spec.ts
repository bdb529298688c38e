import type { RunEvent } from '#run/domain/events.js';
import { endingOf, readingOf, type Ending } from './ending.js';

const owner = { experiment: 'drug', arm: 'plain' };
const planned = { run: 'drug-plain-1', arm: 'plain', number: 1, seed: 7, of: owner };
const of = (type: string, data: object = {}): RunEvent => ({ type, data }) as unknown as RunEvent;
const report = (checkpoint: string, capability: number): RunEvent =>
  of('ProbesRecorded', { role: 'report', checkpoint, metrics: { capability } });

const begun = [
  of('RunStarted', { config: { cycles: 1, base: { kind: 'train' }, rescue: { interpolate: false }, stall: null } }),
  of('AnchorEstablished', { checkpoint: 'anchor' }),
];
const completed = [
  ...begun,
  of('CandidatePromoted', { cycle: 1, champion: 'better' }),
  of('LookOpened', { checkpoints: ['anchor', 'better'] }),
  report('anchor', 0.3),
  report('better', 0.4),
  of('RunCompleted'),
];

it('given a run that goes on, then it has not ended', () => {
  for (const count of [0, 1, 2, 5]) expect(endingOf(planned, completed.slice(0, count))).toBeUndefined();
});

it('given a completed run, then its champion and its anchor are read, each where it was probed', () => {
  const ending = endingOf(planned, completed) as Ending;
  expect(ending.revision).toBe(6);
  const stream = 'run-drug-plain-1';
  const champion = { value: 0.4, anchor: 0.3, cite: { stream, revision: 5 } };
  expect(readingOf(ending, 'capability', 'champion')).toEqual(champion);
  expect(readingOf(ending, 'capability', 'anchor')).toMatchObject({ value: 0.3, cite: { stream, revision: 4 } });
  expect(readingOf(ending, 'capability', 'candidate')).toEqual({ failed: 'noReading' });
  expect(readingOf(ending, 'general-bits-per-byte', 'champion')).toEqual({ failed: 'noReading' });
});

it('given a run that was rolled back after it completed, then it is read as it completed', () => {
  const later = [
    ...completed,
    of('RollbackRequested', { from: 'better', to: 'anchor', cause: 'asked' }),
    of('ChampionRolledBack', { from: 'better', to: 'anchor' }),
  ];
  expect(endingOf(planned, later)).toEqual(endingOf(planned, completed));
});

it('given a run that was halted before its report, then it ended early', () => {
  const ending = endingOf(planned, [...begun, of('RunHalted')]) as Ending;
  expect(readingOf(ending, 'capability', 'champion')).toEqual({ failed: 'endedEarly' });
});
