import { WANTED } from '#experiment/domain/envelope.js';
import { clopperPearson } from '#experiment/domain/exact-binomial.js';
import { ALARMS, type StateCounts } from './count-states.js';
import { PLANTED } from './settings.js';
import type { Setting } from './simulated-arms.js';
import type { CauseCounts, StallSetting } from './stalled-gates.js';

export type Counted = Readonly<{ setting: Setting; counts: StateCounts }>;
export type Caused = Readonly<{ setting: StallSetting; counts: CauseCounts }>;
export type Findings = Readonly<{ quiet: readonly Counted[]; planted: readonly Counted[]; stalls: readonly Caused[] }>;

export type Criterion = Readonly<{
  criterion: string;
  outcome: 'shown' | 'open' | 'refuted';
  /** The setting that comes nearest to breaking it, or breaks it most. */
  worst: string;
  hits: number;
  trials: number;
}>;

const MOST_ALARMS = 0.05;
export const WANTED_POWER = 0.8;
export const alarmsOf = ({ ends }: StateCounts): number => ALARMS.reduce((sum, state) => sum + ends[state], 0);
export const foundOf = ({ setting: { course }, counts }: Counted): number =>
  counts.ends[PLANTED.find((planted) => planted.course === course)?.state ?? 'inconclusive'];

type Tried = Readonly<{ name: string; hits: number; trials: number }>;

const nameOf = ({ course, size, noise, seeds, cycles }: Setting): string =>
  `${course}${size > 0 ? ` of ${size} points` : ''}, noise ${noise}, ${seeds} seeds, ${cycles} cycles`;
const stallName = ({ gate, gain, seeds, cycles }: StallSetting): string =>
  `${gate}, +${gain} points, ${seeds} seeds, ${cycles} cycles`;

/**
 * The interval of the worst setting holds for all of them together: its level is 95% shared by all. "shown": it lies within
 * what is asked; "refuted": it excludes it.
 */
const atMost = (criterion: string, bound: number, tried: readonly Tried[]): Criterion => {
  const worst = tried.reduce((a, b) => (b.hits / b.trials > a.hits / a.trials ? b : a));
  const { low, high } = clopperPearson(worst.hits, worst.trials, 1 - 0.05 / tried.length);
  const outcome = high <= bound ? 'shown' : low > bound ? 'refuted' : 'open';
  return { criterion, outcome, worst: worst.name, hits: worst.hits, trials: worst.trials };
};

const atLeast = (criterion: string, bound: number, tried: readonly Tried[]): Criterion => {
  const missed = atMost(
    criterion,
    1 - bound,
    tried.map(({ name, hits, trials }) => ({ name, hits: trials - hits, trials })),
  );
  return { ...missed, hits: missed.trials - missed.hits };
};

/** Never seen is all that simulations can show of "never". */
const never = (criterion: string, tried: readonly Tried[]): Criterion => {
  const worst = tried.reduce((a, b) => (b.hits > a.hits ? b : a));
  return { criterion, outcome: worst.hits === 0 ? 'shown' : 'refuted', worst: worst.name, ...worst };
};

const triedCourses = (counted: readonly Counted[], hits: (one: Counted) => number): readonly Tried[] =>
  counted.map((one) => ({ name: nameOf(one.setting), hits: hits(one), trials: one.counts.arms }));

/** What the envelope is asked for; the same for every run of the study. */
export const judgeEnvelope = ({ quiet, planted, stalls }: Findings): readonly Criterion[] => {
  const wanted = ({ seeds, cycles }: Setting | StallSetting): boolean =>
    seeds === WANTED.seeds && cycles === WANTED.cycles;
  const large = PLANTED.map(({ course, points }) => {
    const size = Math.max(...points);
    const own = planted.filter(({ setting }) => setting.course === course && setting.size === size && wanted(setting));
    const criterion = `${course} of ${size} points is found in at least 80% of arms of 16 seeds and 24 cycles`;
    return own.length === 0 ? [] : [atLeast(criterion, WANTED_POWER, triedCourses(own, foundOf))];
  });
  const causes = (of: (setting: StallSetting) => boolean, hits: (counts: CauseCounts) => number): readonly Tried[] =>
    stalls
      .filter(({ setting, counts }) => of(setting) && counts.stalled > 0)
      .map(({ setting, counts }) => ({ name: stallName(setting), hits: hits(counts), trials: counts.stalled }));
  const held = ({ gain }: StallSetting): boolean => gain > 0;
  return [
    atMost(
      'what only levels off, or does nothing, ends as peaked or oscillating in at most 5% of arms',
      MOST_ALARMS,
      triedCourses(quiet, ({ counts }) => alarmsOf(counts)),
    ),
    ...large.flat(),
    never(
      'a stall that the gate makes is never laid to DYNAMICS',
      causes(held, ({ dynamics }) => dynamics),
    ),
    atLeast(
      'it is laid to GATE or POWER in at least 95% of arms',
      0.95,
      causes(held, ({ gateOrPower }) => gateOrPower),
    ),
    atLeast(
      'a stall of the proposals is laid to DYNAMICS in at least 80% of arms of 16 seeds and 24 cycles',
      WANTED_POWER,
      causes(
        (setting) => !held(setting) && wanted(setting),
        ({ dynamics }) => dynamics,
      ),
    ),
  ];
};
