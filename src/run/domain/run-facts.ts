import { regimeAt } from './config.js';
import { CAPABILITY_METRIC, GENERAL_METRIC } from './evidence.js';
import { candidateIn, isClosed, type Cycle } from './cycle.js';
import type { Started } from './run.js';

/** How much worse than the reference, in percent of it; negative is better. */
export const worsePercent = (value: number, reference: number): number => ((value - reference) / reference) * 100;

export type Quality = Readonly<{ capability: number; generalBitsPerByte: number }>;

/** One row of a run's history. Figures are those of the gate's own items; null where nothing was measured. */
export type CycleFacts = Readonly<{
  cycle: number;
  regime: string;
  outcome: string;
  candidate: string | null;
  capabilityGainPoints: number | null;
  generalWorsePercent: number | null;
  klToChampionNatsPerByte: number | null;
  alphaLeft: number | null;
}>;

export type RunFacts = Readonly<{
  run: string;
  status: string;
  /** The experiment that registered it before it began; null: it is exploratory. */
  experiment: string | null;
  seed: number;
  policy: string;
  cyclesPlanned: number;
  cyclesDone: number;
  constitution: string;
  anchor: string | null;
  champion: string | null;
  accepted: number;
  rejected: number;
  inconclusive: number;
  alphaLeft: number | null;
  /** From which cycle on the regime pulls less, since updates in a row were rejected; null: it does not. */
  backedOffFrom: number | null;
  cycles: readonly CycleFacts[];
}>;

/** ACCEPT, REJECT, INCONCLUSIVE, or what kept a cycle from a verdict. */
export const outcomeOf = (cycle: Cycle): string => {
  if (cycle.verdict) return cycle.verdict.verdict;
  if (cycle.refused) return 'REFUSED';
  if (cycle.aborted) return 'ABORTED';
  return isClosed(cycle) ? 'FROZEN' : 'open';
};

/** What kept a cycle from a verdict, for people. */
export const whyUnjudged = ({ cycle, refused, aborted, proposal }: Cycle): string => {
  const violation = refused?.violations[0];
  if (cycle === 0) return 'the base is what candidates are compared with; it is not judged itself';
  if (violation)
    return `refused before any training: ${violation.field} is ${violation.value}; allowed: ${violation.allowed}`;
  if (aborted) return `its update ended (${aborted.reason}): ${aborted.message}`;
  if (proposal?.allocation.policy === 'frozen')
    return 'the policy is frozen: nothing was trained, so there is no candidate to judge';
  return 'it has not come so far yet';
};

const probeMetric = (cycle: Cycle, subject: string, role: string, metric: string): number | null =>
  cycle.probes.find((probe) => probe.subject === subject && probe.role === role)?.metrics[metric] ?? null;

const regimeOf = (run: Started, { cycle, proposal }: Cycle): string => {
  if (!proposal) return regimeAt(run.config, cycle).label;
  return proposal.trigger === 'rescue' ? `${proposal.regime.label} (rescue)` : proposal.regime.label;
};

export const cycleFacts = (run: Started, cycle: Cycle): CycleFacts => {
  const now = probeMetric(cycle, 'candidate', 'shadow', CAPABILITY_METRIC);
  const was = probeMetric(cycle, 'champion', 'shadow', CAPABILITY_METRIC);
  const text = probeMetric(cycle, 'candidate', 'gate', GENERAL_METRIC);
  const anchor = probeMetric(cycle, 'anchor', 'gate', GENERAL_METRIC);
  return {
    cycle: cycle.cycle,
    regime: regimeOf(run, cycle),
    outcome: outcomeOf(cycle),
    candidate: candidateIn(cycle) ?? null,
    capabilityGainPoints: now === null || was === null ? null : (now - was) * 100,
    generalWorsePercent: text === null || anchor === null ? null : worsePercent(text, anchor),
    klToChampionNatsPerByte: cycle.drift.find(({ metric }) => metric === 'kl-to-champion')?.value ?? null,
    alphaLeft: cycle.verdict?.alphaLeft ?? null,
  };
};

export const runFacts = (run: Started): RunFacts => {
  const { config } = run;
  const cycles = run.cycles.filter(({ cycle }) => cycle > 0);
  const counted = (verdict: string): number => cycles.filter((cycle) => outcomeOf(cycle) === verdict).length;
  return {
    run: config.run,
    status: run.status,
    experiment: run.experiment,
    seed: config.seed,
    policy: config.policy,
    cyclesPlanned: config.cycles,
    cyclesDone: cycles.filter(isClosed).length,
    constitution: `${config.constitution.id} v${config.constitution.version}`,
    anchor: run.anchor?.checkpoint ?? null,
    champion: run.champion ?? null,
    accepted: counted('ACCEPT'),
    rejected: counted('REJECT'),
    inconclusive: counted('INCONCLUSIVE'),
    alphaLeft: cycles.findLast(({ verdict }) => verdict)?.verdict?.alphaLeft ?? null,
    backedOffFrom: run.backedOff?.cycle ?? null,
    cycles: cycles.map((cycle) => cycleFacts(run, cycle)),
  };
};

/** A checkpoint on the report suite; cycle 0 is the anchor. */
export type Reported = Quality & Readonly<{ cycle: number; outcome: string; champion: Quality }>;

const qualityOf = (run: Started, checkpoint: string | undefined): Quality | undefined => {
  const metrics = run.reported.find((probe) => probe.checkpoint === checkpoint)?.metrics;
  const [capability, generalBitsPerByte] = [metrics?.[CAPABILITY_METRIC], metrics?.[GENERAL_METRIC]];
  return capability === undefined || generalBitsPerByte === undefined ? undefined : { capability, generalBitsPerByte };
};

/** The proposal curve (every candidate) with the accepted curve (the champion after that cycle) beside it. */
export const reportedCurve = (run: Started): readonly Reported[] => {
  const anchor = qualityOf(run, run.anchor?.checkpoint);
  if (!anchor) return [];
  let champion = anchor;
  const curve: Reported[] = [{ cycle: 0, outcome: 'anchor', ...anchor, champion }];
  for (const cycle of run.cycles.filter((each) => each.cycle > 0)) {
    const candidate = qualityOf(run, candidateIn(cycle));
    // A rollback may have come before the cycle.
    champion = qualityOf(run, cycle.proposal?.champion) ?? champion;
    if (!candidate) continue;
    const outcome = outcomeOf(cycle);
    if (outcome === 'ACCEPT') champion = candidate;
    curve.push({ cycle: cycle.cycle, outcome, ...candidate, champion });
  }
  return curve;
};

/** Anchor and present champion on the report suite; undefined before the look. */
export const reportedEnds = (run: Started): Readonly<{ anchor: Quality; champion: Quality }> | undefined => {
  const [anchor, champion] = [qualityOf(run, run.anchor?.checkpoint), qualityOf(run, run.champion)];
  return anchor && champion ? { anchor, champion } : undefined;
};
