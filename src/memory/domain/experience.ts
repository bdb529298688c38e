import { LN } from '#corpus/domain/family.js';
import type { RunConfig } from '#run/domain/config.js';
import type { Cycle } from '#run/domain/cycle.js';
import type { ScoutLosses } from './competence.js';
import type { Quantity } from './forecast.js';

/** What came of a proposal, as far as it is known and may be known: scout results, drift on training text, the verdict. */
export type Outcome = Readonly<Record<Quantity, number | null> & { acceptance: boolean | null }>;

/** What lies beyond them says no more than that it is far away: one wild update must not rule all later forecasts. */
const BOUNDS: Readonly<Record<Quantity, number>> = {
  skillGain: 1,
  generalChangeBitsPerByte: 1,
  klToChampionNatsPerByte: 1,
};
const bounded = (quantity: Quantity, value: number): number =>
  Math.max(-BOUNDS[quantity], Math.min(BOUNDS[quantity], value));

type Change = Readonly<{ config: Pick<RunConfig, 'targets' | 'general'>; before: ScoutLosses; after: ScoutLosses }>;

/** Mean over the target families of what the loss fell by, as a share of a guess's; null where a loss is unknown. */
const skillGained = ({ config: { targets }, before, after }: Change): number | null => {
  let sum = 0;
  for (const name of targets) sum += (before[name] ?? NaN) - (after[name] ?? NaN);
  return Number.isFinite(sum) ? bounded('skillGain', sum / targets.length) : null;
};

const generalChanged = ({ config: { general }, before, after }: Change): number | null => {
  const change = (((after[general] ?? NaN) - (before[general] ?? NaN)) * LN[256]) / LN[2];
  return Number.isFinite(change) ? bounded('generalChangeBitsPerByte', change) : null;
};

const UNKNOWN: Outcome = {
  skillGain: null,
  generalChangeBitsPerByte: null,
  klToChampionNatsPerByte: null,
  acceptance: null,
};

/** @param scouted by checkpoint, as far as the log had come */
export const outcomeOf = (
  config: Change['config'],
  { proposal, produced, drift, verdict }: Cycle,
  scouted: ReadonlyMap<string, ScoutLosses>,
): Outcome => {
  if (!proposal || !produced || !verdict) return UNKNOWN;
  const [before, after] = [scouted.get(proposal.champion), scouted.get(produced.candidate)];
  const accepted = verdict.verdict === 'ACCEPT';
  const change = accepted && before && after ? { config, before, after } : undefined;
  const kl = drift.find(({ metric }) => metric === 'kl-to-champion')?.value ?? null;
  return {
    skillGain: change ? skillGained(change) : null,
    generalChangeBitsPerByte: change ? generalChanged(change) : null,
    klToChampionNatsPerByte: kl === null ? null : bounded('klToChampionNatsPerByte', kl),
    acceptance: accepted,
  };
};
