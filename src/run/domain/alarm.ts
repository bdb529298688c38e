import type { DataOf } from './events.js';
import { candidateIn, type Cycle } from './cycle.js';
import type { Started } from './run.js';

export const CUSUM_METRIC = 'general-quality-cusum';

/** The cycle that made these weights a champion, the last one before a cycle; undefined of the anchor. */
export const acceptedIn = (run: Started, checkpoint: string, before = Infinity): Cycle | undefined =>
  run.cycles.findLast(
    (each) => each.cycle < before && candidateIn(each) === checkpoint && each.verdict?.verdict === 'ACCEPT',
  );

/** The champions behind a champion, latest first; the anchor is the last. */
export const ancestorsOf = (run: Started, checkpoint: string): readonly string[] => {
  const ancestors: string[] = [];
  // An update may give the very weights that it began from.
  for (let at = acceptedIn(run, checkpoint); at?.proposal; at = acceptedIn(run, at.proposal.champion, at.cycle))
    ancestors.push(at.proposal.champion);
  return ancestors.filter((ancestor) => ancestor !== checkpoint);
};

const cusumOf = (cycle: Cycle | undefined): DataOf<'DriftMeasured'> | undefined =>
  cycle?.drift.find(({ metric }) => metric === CUSUM_METRIC);

/** The level of the sum at a champion; 0 at the anchor and where it was not measured. */
export const cusumAt = (run: Started, checkpoint: string, before?: number): number =>
  cusumOf(acceptedIn(run, checkpoint, before))?.value ?? 0;

/** An alarm that the champion set off and nobody has answered: where to go back to, and what it says. */
export type Alarm = Readonly<{ from: string; to: string; reason: string }>;

const shown = (value: number | null): string => (value === null ? 'not finite' : String(Number(value.toPrecision(3))));

/** The champion from which on quality was lost: the last one with nothing in the sum. */
export const alarmed = (run: Started): Alarm | undefined => {
  const { champion, config } = run;
  if (config.onDrift === 'go-on') return undefined;
  if (champion === undefined || run.left.includes(champion)) return undefined;
  const measured = cusumOf(acceptedIn(run, champion));
  if (!measured?.alarm) return undefined;
  const to = ancestorsOf(run, champion).find((ancestor) => cusumAt(run, ancestor) === 0);
  if (to === undefined) return undefined;
  const sum = `the sum of losses from champion to champion is ${shown(measured.value)} standard errors`;
  return { from: champion, to, reason: `general quality creeps away: ${sum}, above ${shown(measured.threshold)}` };
};
