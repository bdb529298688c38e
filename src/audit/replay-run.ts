import type { Artifacts } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { outcomeDigest, outcomes, runDigest } from '#ledger/digest.js';
import { collect, decide, decode, streamName, type Ledger } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { loadContext, loadRun, type RunContext } from '#loop/run-context.js';
import { takeStep } from '#loop/run-loop.js';
import { haltRun, resumeRun, rollBack } from '#run/domain/decisions.js';
import type { RunDecision } from '#run/domain/deciding.js';
import { voidEvaluation } from '#run/domain/evidence-decisions.js';
import { resetAnchor } from '#run/domain/lineage.js';
import { nextStep } from '#run/domain/next-step.js';
import { runStream } from '#run/domain/run.js';
import { ProbeSuiteQueried } from '#suite/domain/events.js';
import { query, suiteStream } from '#suite/domain/suite.js';
import { RecordedTrainer, takenUpdates } from './recorded-trainer.js';
import type { Scratch } from './scratch.js';
import { firstDifference, type Divergence } from './divergence.js';

export type ReplayProgress = (done: number, all: number) => void;
export type Replayed = Readonly<{
  run: string;
  /** Cycles replayed, the base training counted when it was among them. */
  cycles: number;
  matched: number;
  diverged: number;
  /** Outcomes to compare, and how many of them were equal before the first that was not. */
  events: number;
  eventsMatched: number;
  /** Of the whole run; null when one cycle alone was replayed. */
  runDigest: Readonly<{ recorded: string; replayed: string }> | null;
  divergence: Divergence | null;
  /** Cycles whose update nobody can train again: their candidate is the recorded one, all that follows was computed. */
  taken: readonly number[];
}>;

/**
 * What a person did to the run, a policy that found its files damaged or disputed, or an evaluator that gave no answer: no step
 * computes it, so a replay takes it from the record. A void that follows from controls is computed, with them, and so is the
 * answer to an alarm.
 */
const decisionByHand = (record: Record): RunDecision | undefined => {
  const { type, data } = decode(runStream.events, record);
  switch (type) {
    case 'RunHalted':
      return haltRun(data.reason, data.requester);
    case 'RunResumed':
      return resumeRun(data.reason, data.requester);
    case 'RollbackRequested':
      return data.cause === 'drift' ? undefined : rollBack(data.to, data.reason, data.requester, data.cause);
    case 'AnchorReset':
      return resetAnchor(data);
    case 'EvaluationVoided':
      return voidEvaluation(data);
    default:
      return undefined;
  }
};

/**
 * Queries of the run that the record has and the scratch store has not: a kill came before their probes, and a rollback
 * after it left them for good. No step asks them again, so they are taken from the record, as they count against the budget.
 */
const repeatQueries = async (ledger: Ledger, run: string, before: readonly Recorded[]): Promise<void> => {
  for (const { record } of before) {
    if (record.type !== ProbeSuiteQueried.type) continue;
    const asked = ProbeSuiteQueried.decode(record).data;
    if (asked.run !== run) continue;
    await decide(ledger, suiteStream, asked.suite, query({ ...asked, looked: true, by: record.actor.kind }), {
      actor: record.actor,
    });
  }
};

const copy = async (from: readonly Recorded[], to: Log): Promise<void> => {
  for (const { record } of from) {
    const { stream, revision, ...proposed } = record;
    await to.append(stream, revision === 0 ? 'no-stream' : revision - 1, [proposed]);
  }
};

type Range = Readonly<{
  all: readonly Recorded[];
  expected: readonly Record[];
  from: number;
  to: number;
  start: number;
}>;

/** The outcomes to replay, from `from` up to `to`, and the position that everything before is copied up to. */
const rangeOf = async (log: Log, run: string, cycle: number | undefined): Promise<Range> => {
  const all: Recorded[] = [];
  for await (const recorded of log.readAll()) all.push(recorded);
  const own = all.filter(({ record }) => record.stream === streamName(runStream, run));
  const expected = outcomes(own.map(({ record }) => record));
  const belongs = (record: Record): boolean => record.data['cycle'] === cycle && record.data['role'] !== 'report';
  const from = cycle === undefined ? 1 : expected.findIndex(belongs);
  const last = cycle === undefined ? expected.length - 1 : expected.findLastIndex(belongs);
  const first = expected[from];
  if (!first)
    throw new Refused(cycle === undefined ? `run ${run}: nothing to replay` : `run ${run} has no cycle ${cycle}`);
  const start = own.find(({ record }) => record.id === first.id)?.position ?? 0;
  return { all, expected, from, to: last + 1, start };
};

type Walk = Readonly<{ ports: LoopPorts; context: RunContext; run: string; range: Range; recorded: Artifacts }>;

/** Takes steps in the scratch store until the range is through or an outcome differs. */
const walk = async (
  { ports, context, run, range, recorded }: Walk,
  onProgress: ReplayProgress,
): Promise<Divergence | null> => {
  const { expected, to } = range;
  let compared = range.from;
  for (;;) {
    const replayed = outcomes(await collect(ports.ledger.log.readStream(streamName(runStream, run))));
    for (; compared < Math.min(replayed.length, to); compared += 1) {
      const [was, is] = [expected[compared], replayed[compared]];
      if (was && is && outcomeDigest(was) !== outcomeDigest(is))
        return firstDifference(was, is, { recorded, replayed: ports.artifacts });
    }
    onProgress(compared - range.from, to - range.from);
    const next = expected[compared];
    if (compared >= to || !next) return null;
    const byHand = decisionByHand(next);
    if (byHand) {
      const at = range.all.findIndex(({ record }) => record.id === next.id);
      await repeatQueries(ports.ledger, run, range.all.slice(0, at));
      await decide(ports.ledger, runStream, run, byHand, { actor: next.actor });
      continue;
    }
    const state = await loadRun(ports, run);
    // A step that was under way when the run was halted was still recorded.
    const step = nextStep(state.status === 'halted' ? { ...state, status: 'running' } : state);
    if (step.kind === 'rest')
      return { ...placeOf(next), field: 'type', recorded: next.type, replayed: 'nothing: the run rests' };
    await takeStep(ports, context, state, step, { strict: true });
  }
};

const placeOf = (record: Record) => ({
  cycle: Number(record.data['cycle'] ?? 0),
  type: record.type,
  revision: record.revision,
});

const cyclesIn = (records: readonly Record[]): ReadonlySet<number> =>
  new Set(
    records
      .filter(({ type }) => type === 'UpdateRequested' || type === 'CycleProposed')
      .map((r) => Number(r.data['cycle'])),
  );

/**
 * Executes a run again from the log alone, in a scratch store, and compares outcome by outcome. Only what the run began
 * from is copied; everything it computed is computed again. Reads the given log only.
 * @throws Refused when there is no such run or cycle
 */
export const replayRun = async (
  ports: LoopPorts,
  run: string,
  scratch: Scratch,
  { cycle, onProgress = () => undefined }: Readonly<{ cycle?: number | undefined; onProgress?: ReplayProgress }> = {},
): Promise<Replayed> => {
  const range = await rangeOf(ports.ledger.log, run, cycle);
  await copy(
    range.all.filter(({ position }) => position < range.start),
    scratch.ledger.log,
  );
  const { weights, primary, shadow, listener, reference, evaluationLimitMs } = ports;
  const recordedUpdates = takenUpdates(
    range.all.map(({ record }) => record).filter(({ stream }) => stream === streamName(runStream, run)),
  );
  const trainer = new RecordedTrainer(ports.trainer, recordedUpdates);
  const inside = new LoopPorts(
    scratch.ledger,
    scratch.artifacts,
    trainer,
    weights,
    primary,
    shadow,
    listener,
    reference,
    evaluationLimitMs,
  );
  const context = await loadContext(inside, (await loadRun(inside, run)).config);
  const divergence = await walk({ ports: inside, context, run, range, recorded: ports.artifacts }, onProgress);
  const cycles = cyclesIn(range.expected.slice(range.from, range.to));
  const matched = divergence ? [...cycles].filter((each) => each < divergence.cycle).length : cycles.size;
  // An attempt that the record broke off in was replayed to its end: what came after is no part of the comparison.
  const replayed = outcomes(await collect(scratch.ledger.log.readStream(streamName(runStream, run)))).slice(
    0,
    range.to,
  );
  return {
    run,
    cycles: cycles.size,
    matched,
    diverged: cycles.size - matched,
    events: range.to - range.from,
    eventsMatched: divergence
      ? range.expected.findIndex(({ revision }) => revision === divergence.revision) - range.from
      : range.to - range.from,
    runDigest: cycle === undefined ? { recorded: runDigest(range.expected), replayed: runDigest(replayed) } : null,
    divergence,
    taken: [...recordedUpdates.keys()].filter((each) => cycles.has(each)),
  };
};
