import { cusumAfter, cusumDrift, noLoss, standardisedLoss, type Loss } from '#evaluation/domain/cusum.js';
import type { Drift } from '#evaluation/domain/drift.js';
import { acceptedIn, CUSUM_METRIC, cusumAt } from './alarm.js';
import { GENERAL_METRIC } from './evidence.js';
import type { Cycle } from './cycle.js';
import type { Started } from './run.js';

type Figure = Pick<Drift, 'metric' | 'value'>;

const lossIn = (run: Started, measured: readonly Figure[]): Loss => {
  const value = (metric: string): number => measured.find((figure) => figure.metric === metric)?.value ?? NaN;
  return {
    mean: value(`${GENERAL_METRIC}-loss-mean`),
    sd: value(`${GENERAL_METRIC}-difference-sd`),
    units: run.config.evaluation.documents,
  };
};

/** What the champion of a cycle had lost when it was accepted; undefined where it is an anchor that is not the root. */
const lossBefore = (run: Started, champion: string, cycle: number): Loss | undefined => {
  const accepted = acceptedIn(run, champion, cycle);
  if (accepted) return lossIn(run, accepted.drift);
  return champion === (run.lineage.anchor ?? run.anchor?.checkpoint) ? noLoss : undefined;
};

/**
 * The sum of losses from champion to champion as it stands once this candidate is accepted. Each step is the change of the
 * loss against the root anchor, so nothing is probed for it that the verdict does not need.
 * @param measured the candidate's drift figures against the anchor
 */
export const qualityCusum = (
  run: Started,
  { cycle, proposal }: Cycle,
  measured: readonly Figure[],
): readonly Drift[] => {
  const before = proposal && lossBefore(run, proposal.champion, cycle);
  if (!before) return [];
  const loss = standardisedLoss(lossIn(run, measured), before);
  return [cusumDrift(CUSUM_METRIC, cusumAfter(cusumAt(run, proposal.champion, cycle), loss))];
};
