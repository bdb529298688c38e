import { changeBetween, changes, meanCurve, prefix, type Panel } from './curve.js';
import { oscillates } from './oscillation.js';
import { splitPeak } from './peak.js';
import { overSeeds, type Interval } from './statistics.js';
import { tailOf } from './tail.js';

export const STATES = [
  'collapsed',
  'oscillating',
  'peaked',
  'compounding',
  'plateau',
  'improving',
  'inconclusive',
] as const;
export type State = (typeof STATES)[number];

const LOOK_BACK = 32;

/** Change since the start; of one seed over its items, otherwise with one-sided 95% bounds over seeds. */
const sinceStart = (panel: Panel): Interval => {
  const last = panel.cycles.length - 1;
  return panel.rows.length > 1 ? overSeeds(changes(panel, 0, last), 0.95) : changeBetween(panel, 0, last);
};

/** A measured loss that was not finite, after the last cycle that is whole. */
const becameNotFinite = ({ cycles, notFinite }: Panel): boolean =>
  notFinite.some((cycle) => cycle > (cycles.at(-1) ?? -1));

/** The bound below which the change since the start is a collapse. */
export const collapseBound = (panel: Panel): number =>
  0 - panel.metric.collapseShare * Math.abs(meanCurve(panel)[0] ?? 0);

const isCollapsed = (panel: Panel): boolean => {
  if (panel.cycles.length < 2) return false;
  const { high } = sinceStart(panel);
  return high !== null && high < collapseBound(panel);
};

/** What the curve as it stands shows, with the strongest first. One seed can show nothing but a collapse of its own. */
export const foundState = (panel: Panel): State => {
  if (isCollapsed(panel)) return 'collapsed';
  if (panel.rows.length < 2 || panel.cycles.length < 2) return 'inconclusive';
  if (oscillates(panel)) return 'oscillating';
  if (splitPeak(panel).shown) return 'peaked';
  const tail = tailOf(panel);
  if (tail === null) return 'inconclusive';
  if (tail.compounding === 'COMPOUNDING') return 'compounding';
  if (tail.level) return 'plateau';
  return tail.rising && (sinceStart(panel).low ?? -1) > 0 ? 'improving' : 'inconclusive';
};

export type Course = Readonly<{
  /** What the last two cycles both show; "inconclusive" where they differ. */
  state: State;
  /** What the last cycle shows; the next one may confirm it. */
  found: State;
  /** First of the cycles in a row that show the state, at most 32 back; null for "inconclusive". */
  sinceCycle: number | null;
}>;

/** The state machine: a state is taken up when two cycles in a row show it. A loss that is not finite needs no second. */
export const courseOf = (panel: Panel): Course => {
  const { cycles, notFinite } = panel;
  if (becameNotFinite(panel)) {
    const sinceCycle = Math.min(...notFinite.filter((cycle) => cycle > (cycles.at(-1) ?? -1)));
    return { state: 'collapsed', found: 'collapsed', sinceCycle };
  }
  const found = foundState(panel);
  if (found === 'inconclusive') return { state: found, found, sinceCycle: null };
  let shown = 1;
  while (shown < LOOK_BACK && shown < cycles.length && foundState(prefix(panel, cycles.length - shown)) === found)
    shown += 1;
  if (shown < 2) return { state: 'inconclusive', found, sinceCycle: null };
  return { state: found, found, sinceCycle: cycles[cycles.length - shown] ?? null };
};
