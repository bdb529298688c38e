import { Refused } from '#ledger/decider.js';
import type { DataOf } from './events.js';
import type { Started } from './run.js';

export type Lineage = DataOf<'RunStarted'>['lineage'];

/** A run of its own: its anchor is the root, and nothing was judged before. */
export const ownLineage = (run: string): Lineage => ({ root: run, anchor: null, judgedBefore: 0, alphaSpentBefore: 0 });

/**
 * The lineage that a child of `parent` joins: root anchor, count and alpha of every run that began from the same root, the
 * parent's sisters and their children too. One of them at a time may go on, so that no two count from the same balance.
 * @param runs every run in the log, in its order
 * @throws Refused when the parent has no champion, or a run of the lineage has not completed
 */
export const lineageOf = (parent: string, runs: readonly Started[]): Lineage => {
  const from = runs.find(({ config }) => config.run === parent);
  if (!from?.champion || !from.anchor) throw new Refused(`parent: run ${parent} has no champion to begin from`);
  const { root, anchor } = from.lineage;
  const members = runs.filter(({ lineage }) => lineage.root === root);
  const open = members.find(({ status }) => status !== 'completed');
  if (open)
    throw new Refused(
      `parent: run ${open.config.run} of the same lineage is ${open.status}; what it will spend is not known before it has completed`,
    );
  const verdicts = members.flatMap(({ cycles }) => cycles.flatMap(({ verdict }) => verdict ?? []));
  return {
    root,
    anchor: anchor ?? from.anchor.checkpoint,
    judgedBefore: verdicts.length,
    alphaSpentBefore: verdicts.reduce((sum, { alphaSpent }) => sum + alphaSpent, 0),
  };
};

/** The run that promoted these weights, where one did: whoever begins from them continues its lineage. */
export const promotedBy = (checkpoint: string, runs: readonly Started[]): string | undefined =>
  runs.find(({ accepted }) => accepted.slice(1).includes(checkpoint))?.config.run;
