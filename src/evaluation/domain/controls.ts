import { LN } from '#corpus/domain/family.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import type { TaskSequence } from '#corpus/domain/family.js';
import { lengthened, type Chance, type ControlItems } from './control-items.js';

export const CONTROLS = [
  'positive',
  'negative',
  'honeypot',
  'null',
  'identity',
  'batch-order',
  'batch-position',
  'padding',
] as const;
export type Control = (typeof CONTROLS)[number];

/** Weights that a control runs: constructed ones (`echo`, `uniform`), or those that are compared. */
export const CONTROL_MODELS = ['echo', 'uniform', 'candidate', 'champion'] as const;
export type ControlModel = (typeof CONTROL_MODELS)[number];

export const STATISTICS = ['right-answers', 'nats-per-byte', 'nats-gained', 'differing-items'] as const;

/** One figure of a control: what a sound evaluator gives, and what this one gave. */
export type ControlFigure = Readonly<{
  control: Control;
  model: ControlModel;
  items: number;
  scoredBytes: number;
  statistic: (typeof STATISTICS)[number];
  relation: 'exactly' | 'at-most';
  expected: number;
  /** Null when it is not finite. */
  seen: number | null;
  held: boolean;
}>;

/** What a control shows an evaluator. */
export type ControlRun = Readonly<{ control: Control; model: ControlModel; sequences: Uint8Array }>;

/** What an evaluator found on one item; a loss that is not finite is null. */
export type Outcome = Readonly<{ nllNats: number | null; scored: number; correct: number }>;

/** A share of the very items that the verdict rests on, and what was recorded for them. */
export type Sample = Readonly<{ sequences: readonly TaskSequence[]; recorded: readonly Outcome[] }>;
export type Samples = Readonly<Record<'candidate' | 'champion', Sample>>;

/** -ln of the chance that a control of chance fails a sound evaluator: one in a thousand million. */
const DOUBT_NATS = 9 * LN[10];
/** The loss of a model without any knowledge as binary32 arithmetic has it. */
const NULL_NATS = Math.fround(LN[256]);
/** The echo model is surer of the right byte than this, at every width. */
const ECHO_NATS = 0.001;

/** Everything an evaluator is shown, in a fixed order. */
export const controlRuns = (items: ControlItems, samples: Samples, seed: string): readonly ControlRun[] => {
  const { candidate, champion } = samples;
  const run = (control: Control, model: ControlModel, sequences: readonly TaskSequence[]): ControlRun => ({
    control,
    model,
    sequences: encodeSequences(sequences),
  });
  return [
    run('positive', 'echo', items.positive),
    run('negative', 'candidate', items.negative),
    run('honeypot', 'candidate', items.honeypot),
    run('null', 'uniform', items.null),
    run('identity', 'candidate', candidate.sequences),
    run('identity', 'champion', champion.sequences),
    run('batch-order', 'candidate', candidate.sequences.toReversed()),
    run('batch-position', 'candidate', candidate.sequences.slice(-1)),
    { control: 'padding', model: 'candidate', sequences: lengthened(candidate.sequences, seed) },
  ];
};

/** What the share recorded for the items of a control, in the control's order. */
const recordedFor = (control: Control, { recorded }: Sample): readonly Outcome[] => {
  if (control === 'batch-order') return recorded.toReversed();
  return control === 'batch-position' ? recorded.slice(-1) : recorded;
};

const total = (values: readonly (number | null)[]): number => {
  let sum = 0;
  for (const value of values) sum += value ?? NaN;
  return sum;
};

/**
 * Most right answers that chance leaves possible [Bernstein]: independent answers whose mean and variance sum to these exceed
 * it with probability e^-DOUBT_NATS at most.
 */
export const mostByChance = ({ mean, variance }: Chance): number => {
  const third = DOUBT_NATS / 3;
  return mean + third + Math.sqrt(third * third + 2 * DOUBT_NATS * variance);
};

type Said = Pick<ControlFigure, 'statistic' | 'relation' | 'expected'>;
const exactly = (statistic: Said['statistic'], expected: number): Said => ({
  statistic,
  relation: 'exactly',
  expected,
});
const atMost = (statistic: Said['statistic'], expected: number): Said => ({ statistic, relation: 'at-most', expected });

type Found = Readonly<{ run: ControlRun; outcomes: readonly Outcome[] }>;

const figure = ({ run, outcomes }: Found, said: Said, value: number, excused = false): ControlFigure => {
  const seen = Number.isFinite(value) ? value : null;
  const fits = said.relation === 'exactly' ? seen === said.expected : seen !== null && seen <= said.expected;
  return {
    control: run.control,
    model: run.model,
    items: outcomes.length,
    scoredBytes: total(outcomes.map(({ scored }) => scored)),
    ...said,
    seen,
    held: fits || (seen === null && excused),
  };
};

const differing = (a: readonly Outcome[], b: readonly Outcome[]): number =>
  a.filter((one, at) => {
    const other = b[at];
    return one.nllNats !== other?.nllNats || one.scored !== other.scored || one.correct !== other.correct;
  }).length;

const uniformChance = (positions: number): Chance => {
  const p = 1 / 256;
  return { mean: positions * p, variance: positions * p * (1 - p) };
};

const figuresOf = (found: Found, chance: Chance, samples: Samples): readonly ControlFigure[] => {
  const { run, outcomes } = found;
  const [scored, right] = [total(outcomes.map((o) => o.scored)), total(outcomes.map((o) => o.correct))];
  const nats = total(outcomes.map((outcome) => outcome.nllNats));
  switch (run.control) {
    case 'positive':
      return [
        figure(found, exactly('right-answers', scored), right),
        figure(found, atMost('nats-per-byte', ECHO_NATS), nats / scored),
      ];
    case 'negative': {
      // Over uniform labels the product of 256 p(label) has mean 1 if the 256 probabilities sum to one [Markov].
      const hopeless = samples.candidate.recorded.some((outcome) => outcome.nllNats === null);
      return [
        figure(found, atMost('right-answers', mostByChance(uniformChance(scored))), right),
        figure(found, atMost('nats-gained', DOUBT_NATS), scored * LN[256] - nats, hopeless),
      ];
    }
    case 'honeypot':
      return [figure(found, atMost('right-answers', mostByChance(chance)), right)];
    case 'null':
      return [figure(found, exactly('nats-per-byte', NULL_NATS), nats / scored)];
    default: {
      const recorded = recordedFor(run.control, samples[run.model === 'champion' ? 'champion' : 'candidate']);
      return [figure(found, exactly('differing-items', 0), differing(outcomes, recorded))];
    }
  }
};

/** Every figure, from what the evaluator found on each run's items in turn: a pure function, so an auditor gets the same. */
export const controlFigures = (
  runs: readonly ControlRun[],
  outcomes: readonly (readonly Outcome[])[],
  chance: Chance,
  samples: Samples,
): readonly ControlFigure[] =>
  runs.flatMap((run, at) => figuresOf({ run, outcomes: outcomes[at] ?? [] }, chance, samples));

/** Names of the items of all runs, in order. */
export const controlIds = (runs: readonly ControlRun[]): readonly string[] =>
  runs.flatMap(({ control, model, sequences }) =>
    decodeSequences(sequences).map((_, at) => `${control}.${model}/${at}`),
  );
