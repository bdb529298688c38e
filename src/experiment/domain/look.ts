import { Refused } from '#ledger/decider.js';
import { concludeAll } from './conclude.js';
import { endCited, type Ending } from './ending.js';
import { ExperimentLookOpened, HypothesisConcluded, NegativeResultDeclared, type DataOf } from './events.js';
import type { ExperimentDecision, Registered } from './experiment.js';
import type { PlannedRun } from './planned-runs.js';
import { alphaOfLook, looksOf } from './registration.js';

/** All runs that were planned, and how those ended that are at their end. */
export type RunsRead = Readonly<{ planned: readonly PlannedRun[]; endings: readonly Ending[] }>;

/** How many seeds the next look reads; undefined after the last one. */
export const nextLook = ({ registration, looks }: Registered): number | undefined =>
  looksOf(registration)[looks.length];

/** Outcomes that bear a claim out; a result that is undecided bears nothing out and refutes nothing. */
const BORNE_OUT: Readonly<Record<string, readonly string[]>> = {
  'non-inferior': ['non-inferior', 'equivalent', 'superior'],
};

const negativeOf = ({
  look,
  hypothesis,
  expected,
  outcome,
}: DataOf<'HypothesisConcluded'>): readonly DataOf<'NegativeResultDeclared'>[] => {
  const borneOut = [expected, ...(BORNE_OUT[expected] ?? [])].includes(outcome);
  return outcome === 'inconclusive' || borneOut ? [] : [{ look, hypothesis, expected, outcome }];
};

/** Opens the next look and concludes every hypothesis, all of it in one append: no look is opened and left without an answer. */
export const concludeLook =
  ({ planned, endings }: RunsRead): ExperimentDecision =>
  (state) => {
    if (state.status === 'absent')
      throw new Refused('there is no such experiment; `experiment list` shows those there are');
    const { registration } = state;
    const { experiment } = registration;
    const seeds = nextLook(state);
    if (seeds === undefined)
      throw new Refused(
        `experiment "${experiment}" has taken all its looks (${state.looks.length}), and every hypothesis is concluded; a second attempt is a second registration`,
      );
    const wanted = planned.filter(({ number }) => number <= seeds);
    const endOf = ({ run, arm }: PlannedRun): Ending | undefined =>
      endings.find(({ planned: one }) => one.run === run && one.arm === arm);
    const read = wanted.flatMap((one) => endOf(one) ?? []);
    const open = wanted.filter((one) => !endOf(one));
    if (open[0])
      throw new Refused(
        `experiment "${experiment}": look ${state.looks.length + 1} is after ${seeds} seeds, and ${open.length} of their ${wanted.length} runs are not at their end, first ${open[0].run}; \`experiment run ${experiment}\` makes them`,
      );
    const look = state.looks.length + 1;
    const alpha = alphaOfLook(registration);
    const ends = read.map(endCited);
    // All arms of a seed end in one distillation.
    const cites = ends.filter(({ stream }, at) => ends.findIndex((one) => one.stream === stream) === at);
    const concluded = concludeAll(registration, { look, alpha }, read);
    return [
      ExperimentLookOpened.of({ look, seeds, alpha, cites }),
      ...concluded.map((one) => HypothesisConcluded.of(one)),
      ...concluded.flatMap(negativeOf).map((one) => NegativeResultDeclared.of(one)),
    ];
  };
