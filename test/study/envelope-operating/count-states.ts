import { capability, panelOf, prefix, type Panel } from '#experiment/domain/curve.js';
import { foundState, STATES, type State } from '#experiment/domain/state.js';
import { arm, type Setting } from './simulated-arms.js';

/** What is counted of some arms: the state at the end, and whether one that is an alarm was ever the state before. */
export type StateCounts = Readonly<{
  arms: number;
  ends: Readonly<Record<State, number>>;
  /** Arms called peaked or oscillating after some cycle; null where only the end was looked at. */
  ever: number | null;
}>;

export const ALARMS: readonly State[] = ['peaked', 'oscillating'];

const zero = (): Record<State, number> =>
  Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;

/** The state after each of the last `many` cycles: what two cycles in a row show. */
const history = (panel: Panel, many: number): readonly State[] => {
  const lengths = panel.cycles.map((_, at) => at + 1).slice(0 - many - 1);
  const found = lengths.map((length) => foundState(prefix(panel, length)));
  return found.map((state, at) => (state === found[at - 1] ? state : 'inconclusive')).slice(0 - many);
};

export const addStates = (parts: readonly StateCounts[]): StateCounts => {
  const ends = zero();
  for (const part of parts) for (const state of STATES) ends[state] += part.ends[state];
  const arms = parts.reduce((sum, part) => sum + part.arms, 0);
  const ever = parts.some((part) => part.ever === null) ? null : parts.reduce((sum, part) => sum + (part.ever ?? 0), 0);
  return { arms, ends, ever };
};

export type StatePart = Readonly<{ setting: Setting; seed: string; everyCycle: boolean; from: number; to: number }>;

/** Simulations `from` up to `to` of a setting, with the project's own state machine. */
export const countStates = ({ setting, seed, everyCycle, from, to }: StatePart): StateCounts => {
  const ends = zero();
  let ever = 0;
  for (let at = from; at < to; at += 1) {
    const panel = panelOf(capability, arm(setting, seed, at));
    const states = history(panel, everyCycle ? panel.cycles.length : 1);
    ends[states.at(-1) ?? 'inconclusive'] += 1;
    ever += states.some((state) => ALARMS.includes(state)) ? 1 : 0;
  }
  return { arms: to - from, ends, ever: everyCycle ? ever : null };
};
