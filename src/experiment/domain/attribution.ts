import { mean, overSeeds } from './statistics.js';

export const CAUSES = ['GATE', 'POWER', 'CEILING', 'DATA', 'DYNAMICS'] as const;
export type Cause = (typeof CAUSES)[number];

/** What one cycle of a run says about why it did not go on. */
export type CycleFacts = Readonly<{
  cycle: number;
  verdict: 'ACCEPT' | 'REJECT' | 'INCONCLUSIVE' | null;
  /** Rejected since a loss of quality was shown. */
  degraded: boolean;
  /** One of the rejections in a row after which the regime backed off, or the run was halted. */
  heldBack: boolean;
  /** Capability of the candidate minus that of the champion it began from, on the gate's items. */
  step: number | null;
  /** Half of the step's 95% interval over the items. */
  stepHalfWidth: number | null;
}>;

export type RunFacts = Readonly<{
  run: string;
  cycles: readonly CycleFacts[];
  /** Accepted capability now, 0 to 1. */
  capability: number | null;
  /** Most times that any one text was read, the base's training included. */
  epochs: number | null;
}>;

/** Why a stall may be: `value` beside the `bound` that it is held against. Null: not measured. */
export type Attribution = Readonly<{ cause: Cause; holds: boolean; value: number | null; bound: number }>;

const HALF = 0.5;
const CEILING = 0.98;
const MOST_EPOCHS = 4;

const measured = (values: readonly (number | null)[]): readonly number[] =>
  values.filter((value) => value !== null && Number.isFinite(value)) as number[];

const above = (cause: Cause, value: number | null, bound: number): Attribution => ({
  cause,
  holds: value !== null && value > bound,
  value,
  bound,
});

const share = (cycles: readonly CycleFacts[], counts: (facts: CycleFacts) => boolean): number | null => {
  const judged = cycles.filter(({ verdict }) => verdict !== null);
  return judged.length === 0 ? null : judged.filter(counts).length / judged.length;
};

const atLeastHalf = (cause: Cause, value: number | null): Attribution => ({
  cause,
  holds: value !== null && value >= HALF,
  value,
  bound: HALF,
});

/**
 * The verdicts of a tail that say why it stands still. In a run that its gate has made back off or halt they are those since
 * the last promotion: all of them kept the champion.
 */
type Tail = Readonly<{ cycles: readonly CycleFacts[]; stopped: boolean }>;

const tailFrom = (fromCycle: number, { cycles }: RunFacts): Tail => {
  const tail = cycles.filter(({ cycle }) => cycle >= fromCycle);
  const since = tail.slice(tail.findLastIndex(({ verdict }) => verdict === 'ACCEPT') + 1);
  const stopped = since.some(({ heldBack }) => heldBack);
  return { cycles: stopped ? since : tail, stopped };
};

/** Rejected for a shown loss; and for whatever reason, where the gate has stopped the run. */
const blockedIn = ({ cycles, stopped }: Tail): readonly CycleFacts[] =>
  cycles.filter(({ degraded, verdict }) => degraded || (stopped && verdict === 'REJECT'));

/** Steps that are real but too small to be told apart by the gate's items. */
const tooSmall = (cycles: readonly CycleFacts[]): boolean => {
  const steps = measured(cycles.map(({ step }) => step));
  const widths = measured(cycles.map(({ stepHalfWidth }) => stepHalfWidth));
  if (steps.length === 0 || widths.length === 0) return false;
  const step = mean(steps);
  return step > 0 && step < mean(widths);
};

/**
 * The proposals themselves no longer gain: over seeds by the upper 95% bound, for a run alone by the estimate. Candidates of a
 * run that its gate has stopped all began from one champion: what they gain says nothing of where they would have led, and
 * one run that is left of an arm is too little to speak for it.
 */
const proposalsStall = (tails: readonly Tail[], bound: number): Attribution => {
  const perRun = tails.flatMap(({ cycles, stopped }) => {
    if (stopped) return [];
    const steps = measured(cycles.map(({ step }) => step));
    return steps.length > 0 ? [mean(steps)] : [];
  });
  if (perRun.length === 0) return { cause: 'DYNAMICS', holds: false, value: null, bound };
  const { estimate, high } = overSeeds(perRun, 0.95);
  const most = high ?? (tails.length === 1 ? estimate : Infinity);
  return { cause: 'DYNAMICS', holds: most < bound, value: estimate, bound };
};

/**
 * What a stall is due to, from the cycles of the tail; several causes may hold. DYNAMICS is the last resort: proposals that
 * stall by themselves, below the ceiling, with text that is not used up, and in a run that its gate has not stopped.
 * @param ofInterest smallest change of capability that is of interest, over the tail
 */
export const attribute = (runs: readonly RunFacts[], fromCycle: number, ofInterest: number): readonly Attribution[] => {
  const ordered = [...runs].sort((a, b) => (a.run < b.run ? -1 : 1));
  const tails = ordered.map((run) => tailFrom(fromCycle, run));
  const all = tails.flatMap(({ cycles }) => cycles);
  const blocked = new Set(tails.flatMap(blockedIn));
  const most = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
  const levels = measured(ordered.map(({ capability }) => capability));
  const ceiling = above('CEILING', levels.length === 0 ? null : mean(levels), CEILING);
  const data = above('DATA', most(measured(ordered.map(({ epochs }) => epochs))), MOST_EPOCHS);
  const undecided = atLeastHalf(
    'POWER',
    share(all, ({ verdict }) => verdict === 'INCONCLUSIVE'),
  );
  const gate = atLeastHalf(
    'GATE',
    share(all, (facts) => blocked.has(facts)),
  );
  const length = Math.max(1, ...tails.map(({ cycles }) => cycles.length));
  const own = proposalsStall(tails, ofInterest / length);
  const power = { ...undecided, holds: undecided.holds || (!own.holds && !gate.holds && tooSmall(all)) };
  return [gate, power, ceiling, data, { ...own, holds: own.holds && !ceiling.holds && !data.holds }];
};
