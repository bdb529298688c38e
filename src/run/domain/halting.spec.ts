import { Refused } from '#ledger/decider.js';
import { haltRun, resumeRun } from './decisions.js';
import type { RunDecision } from './deciding.js';
import type { RunEvent } from './events.js';
import { RunHalted } from './lifecycle-events.js';
import { nextStep } from './next-step.js';
import { runFileSchema } from './run-file.js';
import { runConfig } from './run-settings.js';
import { runStream, type Run, type Started } from './run.js';
import { RunStarted, UpdateAborted, UpdateRequested, UpdateStarted } from './update-events.js';
import { abortUpdate } from './update-decisions.js';

const plan = 'd'.repeat(64);
const config = runConfig(runFileSchema.parse({ run: 'r1' }), {
  constitution: { id: 'default', version: 1 },
  parent: null,
});
const lineage = { root: 'r1', anchor: null, judgedBefore: 0, alphaSpentBefore: 0 };
const env = { attempt: 1 };
const started = RunStarted.of({ config, lineage, experiment: null });
const training = [
  started,
  UpdateRequested.of({ cycle: 0, plan, budgets: { steps: 1, tokens: 1 }, env }),
  UpdateStarted.of({
    cycle: 0,
    plan,
    env: { ...env, trainer: 't', build: 'b', backend: 'reference', threads: 1, contract: 'nc-1' },
  }),
];

const folded = (past: readonly RunEvent[]): Run => past.reduce<Run>(runStream.evolve, runStream.initial);
const after = (past: readonly RunEvent[], decision: RunDecision): readonly RunEvent[] => [
  ...past,
  ...decision(folded(past)),
];
const next = (past: readonly RunEvent[]): object => nextStep(folded(past) as Started);

describe('a base that cannot be trained', () => {
  const failed = { cycle: 0, reason: 'non-finite', step: 3, message: 'loss', env } as const;

  it('halts the run for good', () => {
    const ended = after(training, abortUpdate(failed));
    expect(ended.slice(-2).map(({ type }) => type)).toEqual(['UpdateAborted', 'RunHalted']);
    expect(next(ended)).toEqual({ kind: 'rest' });
    expect(() => after(ended, resumeRun('again', 'ada'))).toThrow(/could not be trained/);
  });

  it('is asked for again when it was only interrupted', () => {
    const cancelled = { ...failed, reason: 'cancelled' } as const;
    const ended = after(training, abortUpdate(cancelled));
    expect(ended.slice(-1)).toEqual([UpdateAborted.of(cancelled)]);
    expect(next(ended)).toEqual({ kind: 'train', cycle: 0 });
  });
});

describe('a run that is halted', () => {
  const halted = [started, RunHalted.of({ reason: 'night', requester: 'ada' })];

  it('rests, and goes on when it is resumed', () => {
    expect(next(halted)).toEqual({ kind: 'rest' });
    expect(next(after(halted, resumeRun('day', 'ada')))).toEqual({ kind: 'train', cycle: 0 });
  });

  it('is halted once, and resumed only then', () => {
    expect(() => after(halted, haltRun('night', 'ada'))).toThrow(Refused);
    expect(() => after([started], resumeRun('day', 'ada'))).toThrow(/run r1 is running, not halted/);
    expect(() => after(halted, haltRun('night', 'ada'))).toThrow('run r1 is halted already');
  });
});
