import { approve, type Authority, type Signed, type Statement } from '#key/domain/signing.js';
import { Refused } from '#ledger/decider.js';
import type { RunConfig } from './config.js';
import { on, require, requireVerified, type RunDecision } from './deciding.js';
import type { DataOf } from './events.js';
import { AnchorReset } from './lifecycle-events.js';
import type { Started } from './run.js';

export type Lineage = DataOf<'RunStarted'>['lineage'];

/** A run of its own: its anchor is the root, and nothing was judged before. */
export const ownLineage = (run: string): Lineage => ({ root: run, anchor: null, judgedBefore: 0, alphaSpentBefore: 0 });

const withChampion = (name: string, runs: readonly Started[]): Started & { champion: string } => {
  const found = runs.find(({ config }) => config.run === name);
  if (!found?.champion) throw new Refused(`parent: run ${name} has no champion to begin from`);
  return { ...found, champion: found.champion };
};

/** The runs of a lineage. @throws Refused while one of them has not completed: what it will spend is not known */
const closedMembers = (root: string, runs: readonly Started[], where: string): readonly Started[] => {
  const members = runs.filter(({ lineage }) => lineage.root === root);
  const open = members.find(({ status }) => status !== 'completed');
  if (open)
    throw new Refused(
      `${where}: run ${open.config.run} of the same lineage is ${open.status}; what it will spend is not known before it has completed`,
    );
  return members;
};

const spentBy = (members: readonly Started[]): Readonly<{ judged: number; alphaSpent: number }> => {
  const verdicts = members.flatMap(({ cycles }) => cycles.flatMap(({ verdict }) => verdict ?? []));
  return { judged: verdicts.length, alphaSpent: verdicts.reduce((sum, { alphaSpent }) => sum + alphaSpent, 0) };
};

/** The first run of the lineage that a reset of this run opened. */
const openedBy = (from: Started, runs: readonly Started[]): Started | undefined =>
  runs.find(({ config, lineage }) => config.parent?.run === from.config.run && lineage.root === config.run);

/**
 * The lineage that `child` joins by beginning from `parent`: root anchor, count and alpha of every run that began from the
 * same root, the parent's sisters and their children too. One of them at a time may go on, so that no two count from the
 * same balance. Where people reset the parent's anchor, its first child is a root of its own, whom later children join.
 * @param runs every run in the log, in its order
 * @throws Refused when the parent has no champion, or a run of the lineage has not completed
 */
export const lineageOf = (parent: string, runs: readonly Started[], child: string): Lineage => {
  const from = withChampion(parent, runs);
  if (from.reset && from.reset.anchor !== from.champion)
    throw new Refused(
      `parent: the anchor of run ${parent} was reset to ${from.reset.anchor}, and its champion is ${from.champion}; roll it back to the one that was signed`,
    );
  const start = from.reset ? openedBy(from, runs) : from;
  if (!start) return ownLineage(child);
  const { root, anchor } = start.lineage;
  const { judged, alphaSpent } = spentBy(closedMembers(root, runs, 'parent'));
  return {
    root,
    anchor: anchor ?? start.anchor?.checkpoint ?? null,
    judgedBefore: judged,
    alphaSpentBefore: alphaSpent,
  };
};

/**
 * What judges a lineage: the constitution of its first run, in no earlier version than any of its runs has. Undefined for a
 * lineage that none of these runs began.
 */
export const ruledBy = (root: string, runs: readonly Started[]): RunConfig['constitution'] | undefined => {
  const members = runs.filter(({ lineage }) => lineage.root === root).map(({ config }) => config.constitution);
  const [first] = members;
  return first && { id: first.id, version: Math.max(...members.map(({ version }) => version)) };
};

/** Roots of the lineages whose text the weights of a run have learnt from: its own, and those that a reset left behind. */
export const rootsBehind = (run: Started, runs: readonly Started[]): readonly string[] => {
  const { root } = run.lineage;
  const parent = runs.find(({ config }) => config.run === root)?.config.parent?.run;
  const before = runs.find(({ config }) => config.run === parent);
  return [root, ...(before ? rootsBehind(before, runs) : [])];
};

/** The run that promoted these weights, where one did: whoever begins from them continues its lineage. */
export const promotedBy = (checkpoint: string, runs: readonly Started[]): string | undefined =>
  runs.find(({ accepted }) => accepted.slice(1).includes(checkpoint))?.config.run;

export type Reset = Readonly<{ run: string; anchor: string; root: string; reason: string }>;

/** What people sign who agree to a reset. */
export const resetStatement = ({ run, anchor, root, reason }: Reset): Statement => ({
  purpose: 'prometheus-ledger/reset-anchor/1',
  run,
  anchor,
  root,
  reason,
});

export type ResetRequest = Readonly<{ reason: string; requester: string; signatures: readonly Signed[] }>;

/**
 * What a reset of a run's anchor records, where its lineage allows one and enough people signed it.
 * @param runs every run in the log
 * @param needed how many people must sign
 * @throws Refused
 */
export const resetOf = (
  run: string,
  runs: readonly Started[],
  { reason, requester, signatures: given }: ResetRequest,
  authority: Authority,
  needed: number,
): DataOf<'AnchorReset'> => {
  const { champion: anchor, lineage } = withChampion(run, runs);
  const { root } = lineage;
  const left = spentBy(closedMembers(root, runs, 'reset'));
  const signatures = approve(authority, resetStatement({ run, anchor, root, reason }), given, needed);
  return { anchor, root, ...left, reason, requester, signatures: [...signatures] };
};

/** Signed for the champion that the run has at its end, once. */
export const resetAnchor = (data: DataOf<'AnchorReset'>): RunDecision =>
  on((run) => {
    const { status, config, champion, lineage } = run;
    require(status === 'completed', `run ${config.run} is ${status}; the anchor of a completed run can be reset`);
    requireVerified(run);
    require(run.reset ===
      undefined, `the anchor of run ${config.run} was reset already; begin a run from it, and reset that one's`);
    require(data.anchor === champion, `reset: ${data.anchor} is not the champion of run ${config.run}`);
    require(data.root ===
      lineage.root, `reset: run ${config.run} is of the lineage of ${lineage.root}, not of ${data.root}`);
    return [AnchorReset.of(data)];
  });
