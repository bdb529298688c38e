import { Refused, type Decision } from '#ledger/decider.js';
import {
  AnchorEstablished,
  CandidatePromoted,
  CandidateRejected,
  ChampionRolledBack,
  CycleProposed,
  CycleRecovered,
  CycleRefused,
  DriftMeasured,
  LookOpened,
  ProbesRecorded,
  RollbackRequested,
  RollbackVerified,
  RunCompleted,
  RunHalted,
  RunResumed,
  RunStarted,
  ShadowCompared,
  UpdateAborted,
  UpdateProduced,
  UpdateRequested,
  UpdateStarted,
  VerdictReached,
  type DataOf,
  type RunEvent,
  type runEvents,
} from './events.js';
import { checkpointsToReport } from './next-step.js';
import { cycleOf, isClosed, lastCycle, type Cycle, type Run, type Started } from './run.js';

type RunDecision = Decision<Run, (typeof runEvents)[number]>;

const started = (run: Run): Started => {
  if (run.status === 'absent') throw new Refused('there is no such run; `run list` shows those there are');
  return run;
};

const require = (holds: boolean, message: string): void => {
  if (!holds) throw new Refused(message);
};

/** A decision about a run that exists. */
const on =
  (decision: (run: Started) => readonly RunEvent[]): RunDecision =>
  (state) =>
    decision(started(state));

const candidateOf = (cycle: Cycle): string => {
  if (!cycle.produced) throw new Refused(`cycle ${cycle.cycle}: no candidate yet, so nothing can be said about one`);
  return cycle.produced.candidate;
};

export const startRun =
  (data: DataOf<'RunStarted'>): RunDecision =>
  (state) => {
    require(state.status === 'absent', `run: ${data.config.run} exists already; choose another name`);
    return [RunStarted.of(data)];
  };

export const requestUpdate = (data: DataOf<'UpdateRequested'>): RunDecision =>
  on((run) => {
    const cycle = cycleOf(run, data.cycle);
    require(!cycle.requested && !cycle.produced, `cycle ${data.cycle}: its update is under way already`);
    return [UpdateRequested.of(data)];
  });

export const startUpdate = (data: DataOf<'UpdateStarted'>): RunDecision =>
  on((run) => {
    const { requested } = cycleOf(run, data.cycle);
    require(requested?.plan === data.plan, `cycle ${data.cycle}: plan ${data.plan} was not requested`);
    return [UpdateStarted.of(data)];
  });

export const produceUpdate = (data: DataOf<'UpdateProduced'>): RunDecision =>
  on((run) => {
    const cycle = cycleOf(run, data.cycle);
    require(cycle.started?.plan === data.plan, `cycle ${data.cycle}: plan ${data.plan} was not started`);
    require(!cycle.produced && !cycle.aborted, `cycle ${data.cycle}: has ended already`);
    return [UpdateProduced.of(data)];
  });

export const abortUpdate = (data: DataOf<'UpdateAborted'>): RunDecision =>
  on((run) => {
    require(cycleOf(run, data.cycle).requested !== undefined, `cycle ${data.cycle}: there is no update to abort`);
    return [UpdateAborted.of(data)];
  });

/** What a restart says of an update that a crash cut short: the attempt is over, the cycle goes on. */
export const recoverUpdate = (cycle: number): RunDecision =>
  on((run) => {
    const { requested, started: begun, produced } = cycleOf(run, cycle);
    if (!requested || produced) return [];
    const message = 'the trainer went away before it produced anything';
    return [
      UpdateAborted.of({ cycle, reason: 'crash', step: null, message, env: requested.env }),
      CycleRecovered.of({
        cycle,
        interrupted: begun ? 'update started' : 'update requested',
        resumedFrom: 'update requested',
      }),
    ];
  });

export const establishAnchor = (data: DataOf<'AnchorEstablished'>): RunDecision =>
  on((run) => {
    require(run.anchor === undefined, 'the anchor is established already and never changes');
    const trained = cycleOf(run, 0).produced;
    if (trained)
      require(trained.candidate === data.checkpoint, `anchor ${data.checkpoint} is not the base that was trained`);
    return [AnchorEstablished.of(data)];
  });

export const proposeCycle = (
  data: DataOf<'CycleProposed'>,
  violations: DataOf<'CycleRefused'>['violations'],
): RunDecision =>
  on((run) => {
    const before = cycleOf(run, data.cycle - 1);
    require(data.cycle === 1 || isClosed(before), `cycle ${data.cycle}: cycle ${before.cycle} is still open`);
    require(!cycleOf(run, data.cycle).proposal, `cycle ${data.cycle}: proposed already`);
    require(run.champion === data.champion, `cycle ${data.cycle}: ${data.champion} is not the champion`);
    const proposed = CycleProposed.of(data);
    return violations.length === 0 ? [proposed] : [proposed, CycleRefused.of({ cycle: data.cycle, violations })];
  });

const subjectHash = (run: Started, data: DataOf<'ProbesRecorded'>): string | undefined =>
  data.subject === 'candidate'
    ? candidateOf(cycleOf(run, data.cycle))
    : data.subject === 'anchor'
      ? (run.lineage.anchor ?? run.anchor?.checkpoint)
      : run.champion;

export const recordProbes = (data: DataOf<'ProbesRecorded'>): RunDecision =>
  on((run) => {
    if (data.role === 'report') {
      require(run.look?.checkpoints.includes(data.checkpoint) ===
        true, 'report: no look has opened it for this checkpoint');
    } else {
      const expected = subjectHash(run, data);
      require(expected === data.checkpoint, `probes: ${data.checkpoint} is not the ${data.subject}`);
    }
    return [ProbesRecorded.of(data)];
  });

export const compareShadow = (data: DataOf<'ShadowCompared'>): RunDecision =>
  on((run) => {
    require(candidateOf(cycleOf(run, data.cycle)) ===
      data.checkpoint, `shadow: ${data.checkpoint} is not the candidate`);
    return [ShadowCompared.of(data)];
  });

export const measureDrift = (data: readonly DataOf<'DriftMeasured'>[]): RunDecision =>
  on(() => data.map((measured) => DriftMeasured.of(measured)));

/** The verdict, what it does to the champion, and the alpha it costs: one append. */
export const reachVerdict = (data: DataOf<'VerdictReached'>): RunDecision =>
  on((run) => {
    const cycle = cycleOf(run, data.cycle);
    const predecessor = run.champion;
    require(!isClosed(cycle), `cycle ${data.cycle}: judged already; a candidate has one verdict`);
    require(candidateOf(cycle) ===
      data.candidate, `verdict: ${data.candidate} is not the candidate of cycle ${data.cycle}`);
    if (!predecessor) throw new Refused('verdict: there is no champion to compare with');
    require(cycle.proposal?.champion ===
      predecessor, `cycle ${data.cycle}: the champion changed since it was proposed`);
    const settled = { cycle: data.cycle, candidate: data.candidate, predecessor };
    return data.verdict === 'ACCEPT'
      ? [VerdictReached.of(data), CandidatePromoted.of({ ...settled, champion: data.candidate })]
      : [VerdictReached.of(data), CandidateRejected.of({ ...settled, champion: predecessor })];
  });

export const rollBack = (to: string, reason: string, requester: string): RunDecision =>
  on((run) => {
    const from = run.champion;
    if (!from) throw new Refused('rollback: there is no champion yet');
    require(run.accepted.includes(
      to,
    ), `rollback: ${to} was never accepted in this run; \`run show\` lists those that were`);
    require(from !== to, `rollback: ${to} is the champion already`);
    const open = cycleOf(run, lastCycle(run));
    const abandoned =
      open.proposal && !isClosed(open)
        ? [
            UpdateAborted.of({
              cycle: open.cycle,
              reason: 'rolled-back',
              step: null,
              message: 'the champion this cycle began from was rolled back',
              env: { attempt: open.interruptions + 1 },
            }),
          ]
        : [];
    return [
      RollbackRequested.of({ from, to, reason, requester }),
      ...abandoned,
      ChampionRolledBack.of({ from, to, reason }),
    ];
  });

export const verifyRollback = (data: DataOf<'RollbackVerified'>): RunDecision =>
  on((run) => {
    require(run.unverifiedRollback === data.checkpoint, `rollback: ${data.checkpoint} awaits no verification`);
    return [RollbackVerified.of(data)];
  });

export const haltRun = (reason: string, requester: string): RunDecision =>
  on((run) => {
    require(run.status === 'running', `the run is ${run.status}, so it cannot be halted`);
    return [RunHalted.of({ reason, requester })];
  });

export const resumeRun = (reason: string, requester: string): RunDecision =>
  on((run) => {
    require(run.status === 'halted', `the run is ${run.status}, not halted`);
    return [RunResumed.of({ reason, requester })];
  });

export const openLook = (suite: string): RunDecision =>
  on((run) => {
    require(run.look === undefined, 'the one registered look at the report suite has been taken');
    return [LookOpened.of({ look: 1, suite, checkpoints: [...checkpointsToReport(run)] })];
  });

export const completeRun = (): RunDecision =>
  on((run) => {
    const verdicts = run.cycles.map(({ verdict }) => verdict?.verdict);
    const count = (verdict: string) => verdicts.filter((candidate) => candidate === verdict).length;
    if (!run.champion) throw new Refused('the run has no champion yet');
    return [
      RunCompleted.of({
        cycles: lastCycle(run),
        accepted: count('ACCEPT'),
        rejected: count('REJECT'),
        inconclusive: count('INCONCLUSIVE'),
        champion: run.champion,
      }),
    ];
  });
