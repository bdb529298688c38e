import { backedOff } from '#constitution/domain/adaptation.js';
import { defaultConstitution } from '#constitution/domain/document.js';
import { conservative } from '#constitution/domain/regime.js';
import type { Reason } from '#constitution/domain/verdict.js';
import { Refused } from '#ledger/decider.js';
import { backOffRegime, rescueCandidate, stallRun } from './adaptation-decisions.js';
import { regimeInForce } from './adaptation.js';
import { CUSUM_METRIC } from './alarm.js';
import { proposeCycle, resumeRun, rollBack, verifyRollback } from './decisions.js';
import type { RunDecision } from './deciding.js';
import type { DataOf, RunEvent } from './events.js';
import { measureDrift, reachVerdict } from './evidence-decisions.js';
import { nextStep } from './next-step.js';
import { runFileSchema } from './run-file.js';
import { runConfig } from './run-settings.js';
import { runStream, type Run, type Started } from './run.js';
import { AnchorEstablished, RunStarted, UpdateAborted, UpdateProduced } from './update-events.js';

const [anchor, blob] = ['a'.repeat(64), 'e'.repeat(64)];
/** The candidate of a cycle. */
const of = (cycle: number): string => String(cycle).repeat(64);

const started = (constitution: object): readonly RunEvent[] => {
  const config = runConfig(runFileSchema.parse({ run: 'r1', cycles: 9, constitution }), {
    constitution: { id: 'default', version: 1 },
    checkpoint: anchor,
    parent: null,
  });
  const lineage = { root: 'r1', anchor: null, judgedBefore: 0, alphaSpentBefore: 0 };
  const quality = { checkpoint: anchor, architecture: blob, parameters: 1, source: 'given', quality: {} } as const;
  return [RunStarted.of({ config, lineage, experiment: null }), AnchorEstablished.of(quality)];
};

const folded = (past: readonly RunEvent[]): Started => past.reduce<Run>(runStream.evolve, runStream.initial) as Started;
const then = (past: readonly RunEvent[], ...decisions: RunDecision[]): readonly RunEvent[] =>
  decisions.reduce<readonly RunEvent[]>((before, decision) => [...before, ...decision(folded(before))], past);
const next = (past: readonly RunEvent[]) => nextStep(folded(past));

const proposal = (past: readonly RunEvent[], cycle: number): DataOf<'CycleProposed'> => ({
  cycle,
  trigger: 'schedule',
  champion: folded(past).champion ?? '',
  regime: conservative,
  allocation: { policy: 'uniform', weightsPpm: { sort: 1_000_000 }, scores: { sort: 0 } },
  batches: blob,
  general: null,
  sentinel: blob,
  memory: null,
  forecast: null,
  constitution: { id: 'default', version: 1 },
});

const figures = { lossFirstNats: 5, lossLastNats: 4, factor: 1, anchorRatio: null, weightRatio: 0.1 };
const kl = { klToChampionNatsPerByte: null, klToAnchorNatsPerByte: null };
const left = { plan: blob, replayable: true, optimiser: blob, transcript: blob, receipt: blob };
const env = { attempt: 1, backend: 'reference', threads: 1, elapsedMs: 1 };
const update = (past: readonly RunEvent[], cycle: number): RunEvent => {
  const made = { cycle, candidate: of(cycle), parent: folded(past).champion ?? '' };
  return UpdateProduced.of({ ...made, ...left, steps: 7, tokens: 11, ...figures, ...kl, env });
};

const nothing = { value: 0, bound: 1, paired: null, alphaSpent: 0, sentence: 'It fails.' };
const failing = (kind: Reason['kind'], statistic = 'e-value'): Reason => ({
  ...nothing,
  rule: 'rule',
  kind,
  statistic,
  outcome: 'fail',
});

type Said = DataOf<'VerdictReached'>['verdict'];
const verdict = (
  cycle: number,
  said: Said,
  changes: Partial<DataOf<'VerdictReached'>> = {},
): DataOf<'VerdictReached'> => ({
  cycle,
  candidate: of(cycle),
  verdict: said,
  summary: 'as it was found',
  reasons: said === 'REJECT' ? [failing('NON-INFERIORITY')] : [],
  alphaSpent: 0.004,
  alphaLeft: 0.04,
  constitution: { id: 'default', version: 1 },
  lineageIndex: 1,
  evidenceRoot: blob,
  cites: [],
  ...changes,
});

const trained = (past: readonly RunEvent[], cycle: number): readonly RunEvent[] => {
  const proposed = then(past, proposeCycle(proposal(past, cycle), []));
  return [...proposed, update(proposed, cycle)];
};
const judged = (past: readonly RunEvent[], ...said: readonly Said[]): readonly RunEvent[] =>
  said.reduce<readonly RunEvent[]>((before, each) => {
    const cycle = Math.max(0, ...folded(before).cycles.map((other) => other.cycle)) + 1;
    return then(trained(before, cycle), reachVerdict(verdict(cycle, each)));
  }, past);

describe('a rejected candidate', () => {
  const rescuing = started({ rescue: { interpolate: true } });
  const rejected = judged(rescuing, 'REJECT');
  const rescued = then(rejected, rescueCandidate(of(2)));

  it('is tried once more half way to the champion, as the candidate of the next cycle', () => {
    expect(next(rejected)).toEqual({ kind: 'rescue', cycle: 2 });
    expect(rescued.slice(-2)).toMatchObject([
      { type: 'CycleProposed', data: { cycle: 2, trigger: 'rescue', champion: anchor, batches: null, general: null } },
      {
        type: 'CandidateInterpolated',
        data: {
          cycle: 2,
          candidate: of(2),
          champion: anchor,
          parent: of(1),
          parentCycle: 1,
          factor: 0.5,
          steps: 7,
          tokens: 11,
        },
      },
    ]);
    expect(next(rescued)).toMatchObject({ kind: 'probe', cycle: 2, subject: 'candidate', role: 'gate' });
    expect(folded(then(rescued, reachVerdict(verdict(2, 'ACCEPT')))).champion).toBe(of(2));
  });

  it('is tried once only', () => {
    const again = then(rescued, reachVerdict(verdict(2, 'REJECT')));
    expect(next(again)).toEqual({ kind: 'scout', cycle: 3 });
    expect(() => then(again, rescueCandidate(of(3)))).toThrow(Refused);
  });

  it('comes before the next update', () => {
    expect(() => then(rejected, proposeCycle(proposal(rejected, 2), []))).toThrow(/awaits its answer/);
    const alone = { ...proposal(rescued, 3), trigger: 'rescue' } as const;
    const closed = then(rescued, reachVerdict(verdict(2, 'REJECT')));
    expect(() => then(closed, proposeCycle(alone, []))).toThrow(/proposed with its candidate/);
  });

  it.each([
    ['a drift that half a step halves', [failing('BUDGET', 'klNatsPerByte')], true],
    ['a loss that half a step halves', [failing('NON-INFERIORITY'), failing('SUPERIORITY')], true],
    ['weights that are not finite', [failing('HARD')], false],
    ['evaluators that disagree', [failing('EVIDENCE'), failing('NON-INFERIORITY')], false],
    ['steps that are spent', [failing('BUDGET', 'steps')], false],
    ['a suite that is used up', [failing('BUDGET', 'suiteOverdraw')], false],
    ['alpha that is spent', [failing('BUDGET', 'candidate number')], false],
  ])('because of %s: rescued or not', (_what, reasons, wanted) => {
    const past = then(trained(rescuing, 1), reachVerdict(verdict(1, 'REJECT', { reasons })));
    expect(next(past)).toMatchObject({ kind: wanted ? 'rescue' : 'scout', cycle: 2 });
  });

  it('is let go where no share of alpha, no cycle or no such rule is left', () => {
    const spent = then(trained(rescuing, 1), reachVerdict(verdict(1, 'REJECT', { alphaLeft: 0.001 })));
    expect(next(spent)).toEqual({ kind: 'scout', cycle: 2 });
    expect(next(judged(started({}), 'REJECT'))).toEqual({ kind: 'scout', cycle: 2 });
    expect(next(judged(rescuing, 'INCONCLUSIVE'))).toEqual({ kind: 'scout', cycle: 2 });
    const patient = started({ rescue: { interpolate: true }, stall: null });
    const all = Array.from({ length: 8 }, (): Said => 'INCONCLUSIVE');
    expect(next(judged(patient, ...all, 'REJECT'))).toEqual({ kind: 'open-look' });
  });

  it('is not gone back on once its champion is left', () => {
    const patient = judged(rescuing, 'ACCEPT', 'REJECT');
    const left = then(patient, rollBack(anchor, 'why not', 'ada'));
    const results = { checkpoint: anchor, suite: 's', results: blob, equal: true };
    expect(next(then(left, verifyRollback(results)))).toEqual({ kind: 'scout', cycle: 3 });
  });
});

describe('updates rejected in a row', () => {
  const short = started({ stall: { after: 2 } });
  const row = judged(short, 'REJECT', 'INCONCLUSIVE', 'REJECT');
  const { scope } = defaultConstitution;
  const gentler = backedOff(conservative, { learningRate: 0.5, steps: 0.5 }, scope);
  const lower = then(row, backOffRegime(4, gentler));

  it('make the regime back off, from the next cycle on', () => {
    expect(next(row)).toEqual({ kind: 'back-off', cycle: 4 });
    expect(() => then(row, proposeCycle(proposal(row, 4), []))).toThrow(/awaits its answer/);
    expect(lower.at(-1)).toMatchObject({ data: { cycle: 4, from: conservative, to: gentler, rejected: [1, 3] } });
    expect(next(lower)).toEqual({ kind: 'scout', cycle: 4 });
    const run = folded(lower);
    expect([3, 4, 9].map((cycle) => regimeInForce(run, cycle, scope).steps)).toEqual([150, 75, 75]);
    expect(() => then(lower, backOffRegime(4, gentler))).toThrow(Refused);
    expect(() => then(row, backOffRegime(5, gentler))).toThrow(/not the next one/);
  });

  it('halt the run when they go on, until a person lets it go on', () => {
    const stalled = judged(lower, 'REJECT', 'REJECT');
    expect(next(stalled)).toEqual({ kind: 'stall' });
    const halted = then(stalled, stallRun());
    const stall = { type: 'AdaptationStalled', data: { rejected: [4, 5] } };
    expect(halted.slice(-2)).toMatchObject([stall, { type: 'RunHalted', data: { requester: 'loop' } }]);
    expect(next(halted)).toEqual({ kind: 'rest' });
    expect(next(then(halted, resumeRun('one more try', 'ada')))).toEqual({ kind: 'scout', cycle: 6 });
    expect(() => then(lower, stallRun())).toThrow(Refused);
  });

  it('are a row until a promotion', () => {
    expect(next(judged(short, 'REJECT', 'ACCEPT', 'REJECT'))).toEqual({ kind: 'scout', cycle: 4 });
  });

  it('count an update that ended by itself, and no rescue', () => {
    const proposed = then(judged(short, 'REJECT'), (state) => proposeCycle(proposal(short, 2), [])(state));
    const lost = (reason: 'budget' | 'rolled-back') =>
      UpdateAborted.of({ cycle: 2, reason, step: null, message: 'why', env: { attempt: 1 } });
    expect(next([...proposed, lost('budget')])).toEqual({ kind: 'back-off', cycle: 3 });
    expect(next([...proposed, lost('rolled-back')])).toEqual({ kind: 'scout', cycle: 3 });
    const rescuing = judged(started({ stall: { after: 2 }, rescue: { interpolate: true } }), 'REJECT');
    const twice = then(rescuing, rescueCandidate(of(2)), reachVerdict(verdict(2, 'REJECT')));
    expect(next(twice)).toEqual({ kind: 'scout', cycle: 3 });
  });

  it('halt at once where no back-off is declared, and are let be where nothing is', () => {
    const twice: readonly Said[] = ['REJECT', 'REJECT'];
    expect(next(judged(started({ stall: { after: 2, backOff: null } }), ...twice))).toEqual({ kind: 'stall' });
    expect(next(judged(started({ stall: null }), ...twice))).toEqual({ kind: 'scout', cycle: 3 });
  });
});

/** Accepted cycles with the level of the sum after each. */
const crept = (past: readonly RunEvent[], ...levels: readonly number[]): readonly RunEvent[] =>
  levels.reduce<readonly RunEvent[]>((before, value, at) => {
    const cycle = folded(past).cycles.length + at;
    const figure = {
      cycle,
      checkpoint: of(cycle),
      metric: CUSUM_METRIC,
      value,
      unit: 'standard errors',
      reference: 'champion',
      threshold: 5,
      alarm: value > 5,
    } as const;
    return then(trained(before, cycle), measureDrift([figure]), reachVerdict(verdict(cycle, 'ACCEPT')));
  }, past);

describe('an alarm over accepted cycles', () => {
  const alarm = crept(started({}), 0, 1.5, 5.2);
  const reason =
    'general quality creeps away: the sum of losses from champion to champion is 5.2 standard errors, above 5';

  it('goes back to the last champion with nothing in the sum, and halts the run', () => {
    expect(next(alarm)).toEqual({ kind: 'answer-alarm' });
    const answered = then(alarm, rollBack(of(1), reason, 'policy', 'drift'));
    expect(answered.slice(-3).map(({ type }) => type)).toEqual([
      'RollbackRequested',
      'ChampionRolledBack',
      'RunHalted',
    ]);
    expect(folded(answered)).toMatchObject({ champion: of(1), status: 'halted' });
    expect(next(answered)).toEqual({ kind: 'verify-rollback' });
  });

  it('is answered by nothing under a constitution that says so', () => {
    const on = crept(started({ onDrift: 'go-on' }), 0, 1.5, 5.2);
    expect(next(on)).not.toEqual({ kind: 'answer-alarm' });
    expect(() => then(on, rollBack(of(1), reason, 'policy', 'drift'))).toThrow(/no alarm asks/);
    expect(on[0]).toMatchObject({ type: 'RunStarted', data: { config: { onDrift: 'go-on' } } });
  });

  it('goes back to the anchor where the sum rose from the first step on', () => {
    const early = crept(started({}), 2, 4, 6);
    expect(() => then(early, rollBack(of(1), reason, 'policy', 'drift'))).toThrow(/no alarm asks/);
    expect(folded(then(early, rollBack(anchor, reason, 'policy', 'drift'))).champion).toBe(anchor);
  });

  it('comes before anything else, and is silent otherwise', () => {
    expect(() => then(alarm, proposeCycle(proposal(alarm, 4), []))).toThrow(/awaits its answer/);
    expect(next(crept(started({}), 4, 5))).toEqual({ kind: 'scout', cycle: 3 });
    expect(() => then(crept(started({}), 4, 5), rollBack(anchor, reason, 'policy', 'drift'))).toThrow(/no alarm asks/);
  });

  it('does not overrule a person who makes that champion live again', () => {
    const verified = (checkpoint: string) => verifyRollback({ checkpoint, suite: 's', results: blob, equal: true });
    const answer = [rollBack(of(1), reason, 'policy', 'drift'), verified(of(1))];
    const back = then(alarm, ...answer, rollBack(of(3), 'I looked', 'ada'), verified(of(3)), resumeRun('on', 'ada'));
    expect(next(back)).toEqual({ kind: 'scout', cycle: 4 });
  });
});
