import { backedOff } from '#constitution/domain/adaptation.js';
import type { Regime } from '#constitution/domain/regime.js';
import type { Scope } from '#constitution/domain/scope.js';
import type { Reason } from '#constitution/domain/verdict.js';
import { regimeAt } from './config.js';
import type { DataOf } from './events.js';
import type { Cycle } from './cycle.js';
import { cycleOf, type Started } from './run.js';

/** Half way: a binary32 number, and what turns a step twice too long into the best one along its line. */
export const HALF_WAY = 0.5;

const FROM_CHAMPION = ['klNatsPerByte', 'weightRatio'];

/** What grows with the step, and so shrinks with half of it; steps, suites, evaluators and shapes stay as they are. */
const shrinks = ({ kind, statistic }: Reason): boolean =>
  kind === 'NON-INFERIORITY' || kind === 'SUPERIORITY' || (kind === 'BUDGET' && FROM_CHAMPION.includes(statistic));

/** Equal shares do not add up to the last bit. */
const ROUNDING = 1e-9;
const hasShareLeft = ({ alphaSpent, alphaLeft }: DataOf<'VerdictReached'>): boolean =>
  alphaLeft >= alphaSpent * (1 - ROUNDING);

const lastProposed = (run: Started): Cycle | undefined => run.cycles.findLast(({ proposal }) => proposal);

/**
 * The rejected cycle whose candidate is to be tried once more half way to the champion: where the constitution wants it,
 * every rule that failed is one that half a step may meet, and a cycle and a share of alpha are left.
 */
export const rescueDue = (run: Started): (Cycle & Required<Pick<Cycle, 'proposal' | 'produced'>>) | undefined => {
  if (!run.config.rescue.interpolate) return undefined;
  const rejected = lastProposed(run);
  const { proposal, produced, verdict } = rejected ?? {};
  if (!rejected || !proposal || !produced || verdict?.verdict !== 'REJECT') return undefined;
  if (rejected.cycle >= run.config.cycles || proposal.champion !== run.champion) return undefined;
  const failed = verdict.reasons.filter(({ outcome }) => outcome === 'fail');
  return failed.every(shrinks) && hasShareLeft(verdict) ? { ...rejected, proposal, produced } : undefined;
};

/** "an update was rejected", "3 updates in a row were rejected". */
export const rejectedWords = (count: number): string =>
  count === 1 ? 'an update was rejected' : `${count} updates in a row were rejected`;

/** What a row of rejected updates calls for: that the regime backs off, once; after that, a halt. */
export const stallDue = ({ config, rejectedInARow, backedOff: done }: Started): 'back-off' | 'stall' | undefined => {
  const { stall } = config;
  if (!stall || rejectedInARow.length < stall.after) return undefined;
  return stall.backOff && !done ? 'back-off' : 'stall';
};

/** The regime as the run's back-off, made or due, leaves it. */
export const lowered = (run: Started, cycle: number, scope: Scope): Regime => {
  const planned = regimeAt(run.config, cycle);
  const backOff = run.config.stall?.backOff;
  return backOff ? backedOff(planned, backOff, scope) : planned;
};

/** The regime that a cycle is to be proposed with: of a rescue, the one of the update that it goes back on. */
export const regimeInForce = (run: Started, cycle: number, scope: Scope): Regime => {
  const { interpolated } = cycleOf(run, cycle);
  const rescued = interpolated && cycleOf(run, interpolated.parentCycle).proposal;
  if (rescued) return rescued.regime;
  return run.backedOff && cycle >= run.backedOff.cycle ? lowered(run, cycle, scope) : regimeAt(run.config, cycle);
};
