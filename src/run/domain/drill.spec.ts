import { conservative } from '#constitution/domain/regime.js';
import { Refused } from '#ledger/decider.js';
import { ancestorsOf } from './alarm.js';
import { completeRun, resumeRun, rollBack, verifyRollback } from './decisions.js';
import type { RunDecision } from './deciding.js';
import type { RunEvent } from './events.js';
import { CandidatePromoted, VerdictReached } from './evidence-events.js';
import { CycleProposed, RunHalted } from './lifecycle-events.js';
import { nextStep } from './next-step.js';
import { runFileSchema } from './run-file.js';
import { runConfig } from './run-settings.js';
import { runStream, type Run, type Started } from './run.js';
import { AnchorEstablished, RunStarted, UpdateProduced } from './update-events.js';
import { ownLineage } from './lineage.js';

const [anchor, blob] = ['a'.repeat(64), 'e'.repeat(64)];
const [first, second] = ['1'.repeat(64), '2'.repeat(64)];
const constitution = { id: 'default', version: 1 };
const config = runConfig(runFileSchema.parse({ run: 'r1' }), { constitution, checkpoint: anchor, parent: null });

const promoted = (cycle: number, champion: string, predecessor: string): readonly RunEvent[] => [
  CycleProposed.of({
    cycle,
    trigger: 'schedule',
    champion: predecessor,
    regime: conservative,
    allocation: { policy: 'uniform', weightsPpm: {}, scores: {} },
    batches: blob,
    general: null,
    sentinel: blob,
    memory: null,
    forecast: null,
    constitution,
  }),
  UpdateProduced.of({
    cycle,
    candidate: champion,
    parent: predecessor,
    plan: blob,
    replayable: true,
    steps: 7,
    tokens: 11,
    optimiser: blob,
    transcript: blob,
    receipt: blob,
    lossFirstNats: 5,
    lossLastNats: 4,
    factor: 1,
    klToChampionNatsPerByte: null,
    klToAnchorNatsPerByte: null,
    anchorRatio: null,
    weightRatio: 0.1,
    env: { attempt: 1, backend: 'reference', threads: 1, elapsedMs: 1 },
  }),
  VerdictReached.of({
    cycle,
    candidate: champion,
    verdict: 'ACCEPT',
    summary: 'as it was found',
    reasons: [],
    constitution,
    alphaSpent: 0.004,
    alphaLeft: 0.04,
    lineageIndex: cycle,
    evidenceRoot: blob,
    cites: [],
  }),
  CandidatePromoted.of({ cycle, candidate: champion, champion, predecessor }),
];
const started = [
  RunStarted.of({ config, lineage: ownLineage('r1'), experiment: null }),
  AnchorEstablished.of({ checkpoint: anchor, architecture: blob, parameters: 1, source: 'given', quality: {} }),
];
const running = [...started, ...promoted(1, first, anchor), ...promoted(2, second, first)];
const halted = [...running, RunHalted.of({ reason: 'night', requester: 'ada' })];

const folded = (past: readonly RunEvent[]): Started => past.reduce<Run>(runStream.evolve, runStream.initial) as Started;
const then = (past: readonly RunEvent[], ...decisions: RunDecision[]): readonly RunEvent[] =>
  decisions.reduce<readonly RunEvent[]>((before, decision) => [...before, ...decision(folded(before))], past);
const next = (past: readonly RunEvent[]) => nextStep(folded(past));

describe('a drill', () => {
  const verified = (checkpoint: string, equal = true) =>
    verifyRollback({ checkpoint, suite: 's', results: blob, equal });
  const practise = (to: string) => rollBack(to, 'practice', 'ada', 'drill');
  const there = then(halted, practise(first));

  it('goes to an ancestor of the champion and back, each verified, and leaves the run as it was', () => {
    expect(next(there)).toEqual({ kind: 'verify-rollback' });
    const turning = then(there, verified(first, false));
    expect(next(turning)).toEqual({ kind: 'end-drill' });
    const back = then(turning, rollBack(second, 'and back', 'policy', 'drill'));
    expect(next(back)).toEqual({ kind: 'verify-rollback' });
    const over = then(back, verified(second));
    expect(next(over)).toEqual({ kind: 'rest' });
    expect(folded(over)).toMatchObject({ champion: second, status: 'halted', drilledFrom: undefined });
    expect(next(then(over, resumeRun('day', 'ada')))).toEqual({ kind: 'scout', cycle: 3 });
  });

  it('is for a run that rests, and for ancestors of its champion', () => {
    expect(() => then(running, practise(first))).toThrow(/run r1 is running; halt it/);
    const older = then(halted, rollBack(anchor, 'for good', 'ada'), verified(anchor));
    expect(() => then(older, practise(second))).toThrow(/no ancestor of the champion/);
    expect(() => then(there, verified(first), practise(anchor))).toThrow(/it comes back to 2222/);
  });

  it('knows the champion before one whose update changed nothing', () => {
    const same = [...started, ...promoted(1, first, anchor), ...promoted(2, first, first)];
    expect(ancestorsOf(folded(same), first)).toEqual([anchor]);
  });

  it('is over when somebody rolls back in the middle of it', () => {
    const gone = then(there, verified(first), rollBack(anchor, 'for good', 'ada'), verified(anchor));
    expect(next(gone)).toEqual({ kind: 'rest' });
    expect(() => then(gone, completeRun())).toThrow(Refused);
  });
});
