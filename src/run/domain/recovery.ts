import type { DataOf } from './events.js';

/** What a run remembers of rejections, alarms and drills. */
export type Recovery = Readonly<{
  /** A drill under way: the champion that it comes back to. */
  drilledFrom: string | undefined;
  /** Champions that a policy has left; whoever makes one champion again knows why, and is not overruled. */
  left: readonly string[];
  /** Cycles whose update was rejected or ended by itself, since the last promotion, rollback or answer to them. */
  rejectedInARow: readonly number[];
  backedOff: DataOf<'RegimeBackedOff'> | undefined;
}>;

export const initialRecovery: Recovery = {
  drilledFrom: undefined,
  left: [],
  rejectedInARow: [],
  backedOff: undefined,
};

/** An update that failed by itself says the same of its regime as a rejected candidate. */
export const endedByItself = ({ reason }: DataOf<'UpdateAborted'>): boolean =>
  ['non-finite', 'budget'].includes(reason);

/** A rescue is the same update once more, so it counts for nothing when it is rejected too. */
export const counted = <R extends Recovery>(run: R, proposal: DataOf<'CycleProposed'> | undefined): R =>
  proposal?.trigger === 'schedule' ? { ...run, rejectedInARow: [...run.rejectedInARow, proposal.cycle] } : run;

/** The second request of a drill ends it, as does any other rollback. */
export const requested = <R extends Recovery>(run: R, { from, cause }: DataOf<'RollbackRequested'>): R => ({
  ...run,
  drilledFrom: cause === 'drill' && run.drilledFrom === undefined ? from : undefined,
  left: ['drift', 'dispute'].includes(cause) ? [...run.left, from] : run.left,
  rejectedInARow: [],
});
