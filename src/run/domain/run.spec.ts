import { conservative } from '#constitution/domain/regime.js';
import { Refused } from '#ledger/decider.js';
import { completeRun, openLook, proposeCycle, rollBack, startRun } from './decisions.js';
import type { RunDecision } from './deciding.js';
import type { DataOf, RunEvent } from './events.js';
import { recordProbes, reachVerdict } from './evidence-decisions.js';
import { CandidatePromoted, CandidateRejected, ProbesRecorded, VerdictReached } from './evidence-events.js';
import { ChampionRolledBack, CycleProposed, RollbackRequested, RollbackVerified } from './lifecycle-events.js';
import { nextStep } from './next-step.js';
import { runFileSchema } from './run-file.js';
import { runConfig } from './run-settings.js';
import { runStream, type Run, type Started } from './run.js';
import {
  AnchorEstablished,
  RunStarted,
  UpdateAborted,
  UpdateProduced,
  UpdateRequested,
  UpdateStarted,
} from './update-events.js';
import { produceUpdate, recoverUpdate, requestUpdate } from './update-decisions.js';

const hash = (digit: string): string => digit.repeat(64);
const anchor = hash('a');
const candidate = hash('b');
const other = hash('c');
const plan = hash('d');
const blob = hash('e');

const config = runConfig(runFileSchema.parse({ run: 'r1', cycles: 2 }), {
  constitution: { id: 'default', version: 1 },
  parent: null,
});
const start: DataOf<'RunStarted'> = {
  config,
  lineage: { root: 'r1', anchor: null, judgedBefore: 0, alphaSpentBefore: 0 },
  experiment: null,
};
const env = { attempt: 1 };
const requested = (cycle: number) => UpdateRequested.of({ cycle, plan, budgets: { steps: 1, tokens: 1 }, env });
const begun = (cycle: number) =>
  UpdateStarted.of({
    cycle,
    plan,
    env: { ...env, trainer: 't', build: 'b', backend: 'reference', threads: 1, contract: 'nc-1' },
  });
const produced = (cycle: number, hashed: string): RunEvent =>
  UpdateProduced.of({
    cycle,
    candidate: hashed,
    parent: anchor,
    plan,
    replayable: true,
    optimiser: blob,
    transcript: blob,
    receipt: blob,
    steps: 1,
    tokens: 1,
    lossFirstNats: 5,
    lossLastNats: 4,
    factor: 1,
    klToChampionNatsPerByte: null,
    klToAnchorNatsPerByte: null,
    anchorRatio: null,
    weightRatio: 0.1,
    env: { attempt: 1, backend: 'reference', threads: 1, elapsedMs: 1 },
  });
const established = AnchorEstablished.of({
  checkpoint: anchor,
  architecture: blob,
  parameters: 1,
  source: 'trained',
  quality: {},
});
const base = [RunStarted.of(start), requested(0), begun(0), produced(0, anchor), established];
const proposal: DataOf<'CycleProposed'> = {
  cycle: 1,
  trigger: 'schedule',
  champion: anchor,
  regime: conservative,
  allocation: { policy: 'uniform', weightsPpm: { sort: 1_000_000 }, scores: { sort: 0 } },
  batches: blob,
  general: null,
  sentinel: blob,
  memory: null,
  forecast: null,
  constitution: { id: 'default', version: 1 },
};
const probes = (subject: 'candidate' | 'champion' | 'anchor', checkpoint: string): DataOf<'ProbesRecorded'> => ({
  cycle: 1,
  subject,
  checkpoint,
  suite: 'r1-gate',
  role: 'gate',
  evaluator: 'native',
  queriesLeft: 9,
  itemsDigest: blob,
  items: 1,
  scoredBytes: 1,
  correct: 1,
  nllNatsSum: 1,
  metrics: {},
  results: blob,
  env: { build: 'nc-1' },
});
const verdict = (said: 'ACCEPT' | 'REJECT' | 'INCONCLUSIVE'): DataOf<'VerdictReached'> => ({
  cycle: 1,
  candidate,
  verdict: said,
  summary: 'as it was found',
  reasons: [],
  alphaSpent: 0.004,
  alphaLeft: 0.046,
  constitution: { id: 'default', version: 1 },
  lineageIndex: 1,
  evidenceRoot: blob,
  cites: [],
});
const trained = [...base, CycleProposed.of(proposal), requested(1), begun(1), produced(1, candidate)];
const settled = { cycle: 1, candidate, predecessor: anchor };
const promoted = [
  ...trained,
  VerdictReached.of(verdict('ACCEPT')),
  CandidatePromoted.of({ ...settled, champion: candidate }),
];

const folded = (past: readonly RunEvent[]): Run => past.reduce<Run>(runStream.evolve, runStream.initial);
const given = (...past: RunEvent[]) => ({
  when: (decision: RunDecision) => ({
    thenWrites: (...expected: RunEvent[]) => expect(decision(folded(past))).toEqual(expected),
    thenRefused: (because: RegExp) => {
      expect(() => decision(folded(past))).toThrow(Refused);
      expect(() => decision(folded(past))).toThrow(because);
    },
  }),
  thenNext: (step: object) => expect(nextStep(folded(past) as Started)).toMatchObject(step),
});

describe('a run', () => {
  it('starts once', () => {
    given().when(startRun(start)).thenWrites(RunStarted.of(start));
    given(RunStarted.of(start))
      .when(startRun(start))
      .thenRefused(/exists already/);
  });

  it('trains the base, probes, proposes', () => {
    given(RunStarted.of(start)).thenNext({ kind: 'train', cycle: 0 });
    given(...base).thenNext({ kind: 'scout', cycle: 1 });
    given(...base, ProbesRecorded.of({ ...probes('champion', anchor), role: 'scout' })).thenNext({
      kind: 'propose',
      cycle: 1,
    });
    given(...trained).thenNext({ kind: 'probe', subject: 'candidate', role: 'gate' });
  });

  it('has one open cycle', () => {
    given(...trained)
      .when(proposeCycle({ ...proposal, cycle: 2 }, []))
      .thenRefused(/still open/);
    given(...trained)
      .when(proposeCycle(proposal, []))
      .thenRefused(/proposed already/);
  });

  it('refuses a cycle outside its scope before it is trained', () => {
    const violations = [{ field: 'learningRate', value: '1', allowed: '0 to 0.02' }];
    const after = [...base, ...proposeCycle(proposal, violations)(folded(base))];
    expect(after.at(-1)?.type).toBe('CycleRefused');
    given(...after).thenNext({ kind: 'scout', cycle: 2 });
  });

  it('takes only results of the plan that was asked for', () => {
    given(...base, CycleProposed.of(proposal))
      .when(produceUpdate(produced(1, candidate).data as DataOf<'UpdateProduced'>))
      .thenRefused(/not started/);
    given(...trained)
      .when(requestUpdate(requested(1).data))
      .thenRefused(/under way/);
  });

  it('probes the hash that was produced, nothing else', () => {
    given(...trained)
      .when(recordProbes(probes('candidate', other)))
      .thenRefused(/not the candidate/);
    given(...trained)
      .when(recordProbes(probes('champion', candidate)))
      .thenRefused(/not the champion/);
    given(...trained)
      .when(recordProbes(probes('candidate', candidate)))
      .thenWrites(ProbesRecorded.of(probes('candidate', candidate)));
  });

  it('measures a candidate once, and nothing before there is one or after its verdict', () => {
    const seen = ProbesRecorded.of(probes('candidate', candidate));
    given(...trained, seen)
      .when(recordProbes(seen.data))
      .thenRefused(/already/);
    given(...base, CycleProposed.of(proposal))
      .when(recordProbes(probes('anchor', anchor)))
      .thenRefused(/no candidate yet/);
    given(...promoted)
      .when(recordProbes(probes('anchor', anchor)))
      .thenRefused(/closed/);
  });
});

describe('a verdict', () => {
  it('promotes by ACCEPT only, in the same append', () => {
    given(...trained)
      .when(reachVerdict(verdict('ACCEPT')))
      .thenWrites(VerdictReached.of(verdict('ACCEPT')), CandidatePromoted.of({ ...settled, champion: candidate }));
    for (const said of ['REJECT', 'INCONCLUSIVE'] as const)
      given(...trained)
        .when(reachVerdict(verdict(said)))
        .thenWrites(VerdictReached.of(verdict(said)), CandidateRejected.of({ ...settled, champion: anchor }));
  });

  it('is reached once, about the candidate produced', () => {
    given(...promoted)
      .when(reachVerdict(verdict('ACCEPT')))
      .thenRefused(/judged already/);
    given(...trained)
      .when(reachVerdict({ ...verdict('ACCEPT'), candidate: other }))
      .thenRefused(/not the candidate/);
  });
});

describe('an interrupted update', () => {
  it('ends its attempt and is asked for again', () => {
    const open = [...base, CycleProposed.of(proposal), requested(1), begun(1)];
    const recovered = [...open, ...recoverUpdate(1)(folded(open))];
    expect(recovered.map(({ type }) => type).slice(-2)).toEqual(['UpdateAborted', 'CycleRecovered']);
    given(...recovered).thenNext({ kind: 'train', cycle: 1 });
    given(...trained)
      .when(recoverUpdate(1))
      .thenWrites();
  });

  it('ends the cycle when the update itself is to blame', () => {
    const aborted = UpdateAborted.of({ cycle: 1, reason: 'non-finite', step: 3, message: 'loss', env });
    given(...base, CycleProposed.of(proposal), requested(1), begun(1), aborted).thenNext({ kind: 'scout', cycle: 2 });
  });
});

describe('a rollback', () => {
  it('goes to an accepted ancestor only, and is then verified', () => {
    const events = [
      RollbackRequested.of({ cause: 'asked', from: candidate, to: anchor, reason: 'drill', requester: 'ada' }),
      ChampionRolledBack.of({ from: candidate, to: anchor, reason: 'drill' }),
    ];
    given(...promoted)
      .when(rollBack(anchor, 'drill', 'ada'))
      .thenWrites(...events);
    given(...promoted)
      .when(rollBack(other, 'drill', 'ada'))
      .thenRefused(/never accepted/);
    given(...promoted)
      .when(rollBack(candidate, 'drill', 'ada'))
      .thenRefused(/already/);
    given(...promoted, ...events).thenNext({ kind: 'verify-rollback' });
  });

  it('has the allocation see the champion that is trained, not the one that was left', () => {
    const seen = ProbesRecorded.of({ ...probes('champion', candidate), cycle: 2, role: 'scout' });
    const left = ChampionRolledBack.of({ from: candidate, to: anchor, reason: 'drill' });
    const verified = RollbackVerified.of({ checkpoint: anchor, suite: 'r1-gate', results: blob, equal: true });
    given(...promoted, seen).thenNext({ kind: 'propose', cycle: 2 });
    given(...promoted, seen, left, verified).thenNext({ kind: 'scout', cycle: 2 });
  });

  it('abandons a cycle that began from the champion it leaves', () => {
    const open = [...promoted, CycleProposed.of({ ...proposal, cycle: 2, champion: candidate })];
    expect(rollBack(anchor, 'drill', 'ada')(folded(open)).map(({ type }) => type)).toEqual([
      'RollbackRequested',
      'UpdateAborted',
      'ChampionRolledBack',
    ]);
  });
});

describe('looking, completing', () => {
  it('looks at the report suite once and counts verdicts', () => {
    const [look] = openLook('r1-report')(folded(promoted));
    expect(look?.data).toMatchObject({ checkpoints: [anchor, candidate] });
    given(...promoted, look as RunEvent)
      .when(openLook('r1-report'))
      .thenRefused(/one registered look/);
    expect(completeRun()(folded(promoted))[0]?.data).toMatchObject({ accepted: 1, rejected: 0, champion: candidate });
  });
});
