import type { DataOf, RunEvent } from '#run/domain/events.js';
import { CAPABILITY_METRIC, GENERAL_METRIC } from '#run/domain/evidence.js';
import type { RunConfig } from '#run/domain/config.js';

type Verdict = 'ACCEPT' | 'REJECT' | 'INCONCLUSIVE';

/** What one event of a run says about its curves. */
export type Fact =
  | Readonly<{ kind: 'start'; config: RunConfig }>
  | Readonly<{
      kind: 'probe';
      cycle: number;
      subject: 'anchor' | 'champion' | 'candidate';
      role: 'gate' | 'shadow' | 'report';
      checkpoint: string;
      /** Artifact with the result of every item. */
      results: string;
      capability: number | null;
      general: number | null;
      /** Accuracy by family. */
      accuracies: Readonly<Record<string, number>>;
    }>
  | Readonly<{
      kind: 'proposal';
      cycle: number;
      weightsPpm: Readonly<Record<string, number>>;
      replayPpm: number;
      /** What is replayed, where it is not general text alone. */
      replayWeightsPpm: Readonly<Record<string, number>> | null;
    }>
  | Readonly<{ kind: 'update'; cycle: number; candidate: string; tokens: number }>
  | Readonly<{ kind: 'diverged'; cycle: number }>
  | Readonly<{ kind: 'cosine'; cycle: number; value: number | null }>
  | Readonly<{
      kind: 'verdict';
      cycle: number;
      verdict: Verdict;
      degraded: boolean;
      step: number | null;
      stepHalfWidth: number | null;
    }>
  | Readonly<{ kind: 'held-back'; rejected: readonly number[] }>
  | Readonly<{ kind: 'champion'; checkpoint: string }>
  | Readonly<{ kind: 'look'; checkpoints: readonly string[] }>;

const ACCURACY = 'accuracy.';

const probe = (data: DataOf<'ProbesRecorded'>): Fact | undefined => {
  const { cycle, subject, role, checkpoint, results, metrics } = data;
  if (role === 'scout') return undefined;
  const ofFamily = Object.entries(metrics).filter(([metric]) => metric.startsWith(ACCURACY));
  return {
    kind: 'probe',
    cycle,
    subject,
    role,
    checkpoint,
    results,
    capability: metrics[CAPABILITY_METRIC] ?? null,
    general: metrics[GENERAL_METRIC] ?? null,
    accuracies: Object.fromEntries(ofFamily.map(([metric, value]) => [metric.slice(ACCURACY.length), value])),
  };
};

/** A loss of quality that was shown, and the step in capability that the candidate took from its champion. */
const verdict = ({ cycle, verdict: reached, reasons }: DataOf<'VerdictReached'>): Fact => {
  const paired = reasons.find((reason) => reason.paired?.metric === CAPABILITY_METRIC)?.paired;
  const isLoss = ({ kind, outcome }: (typeof reasons)[number]): boolean =>
    kind === 'NON-INFERIORITY' && outcome === 'fail';
  const ofChampion = paired?.reference === 'champion' ? paired : undefined;
  const [low, high] = ofChampion?.ci95 ?? [null, null];
  return {
    kind: 'verdict',
    cycle,
    verdict: reached,
    degraded: reached === 'REJECT' && reasons.some(isLoss),
    step: ofChampion?.estimate ?? null,
    stepHalfWidth: low === null || high === null ? null : (high - low) / 2,
  };
};

/** The fact in an event of a run, where it has one. */
export const factOf = (event: RunEvent): Fact | undefined => {
  switch (event.type) {
    case 'RunStarted':
      return { kind: 'start', config: event.data.config };
    case 'ProbesRecorded':
      return probe(event.data);
    case 'CycleProposed': {
      const { cycle, allocation, regime, memory } = event.data;
      const { weightsPpm } = allocation;
      const replayWeightsPpm = memory?.replayWeightsPpm ?? null;
      return { kind: 'proposal', cycle, weightsPpm, replayPpm: regime.replayPpm, replayWeightsPpm };
    }
    case 'UpdateProduced': {
      const { cycle, candidate, tokens } = event.data;
      return { kind: 'update', cycle, candidate, tokens };
    }
    case 'CandidateInterpolated': {
      const { cycle, candidate } = event.data;
      return { kind: 'update', cycle, candidate, tokens: 0 };
    }
    case 'UpdateAborted':
      return event.data.reason === 'non-finite' ? { kind: 'diverged', cycle: event.data.cycle } : undefined;
    case 'DriftMeasured': {
      const { cycle, metric, value } = event.data;
      return metric === 'update-cosine' ? { kind: 'cosine', cycle, value } : undefined;
    }
    case 'VerdictReached':
      return verdict(event.data);
    case 'RegimeBackedOff':
    case 'AdaptationStalled':
      return { kind: 'held-back', rejected: event.data.rejected };
    case 'AnchorEstablished':
      return { kind: 'champion', checkpoint: event.data.checkpoint };
    case 'CandidatePromoted':
      return { kind: 'champion', checkpoint: event.data.champion };
    case 'ChampionRolledBack':
      return { kind: 'champion', checkpoint: event.data.to };
    case 'LookOpened':
      return { kind: 'look', checkpoints: event.data.checkpoints };
    default:
      return undefined;
  }
};

export type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

export const factsOf = <K extends Fact['kind']>(facts: readonly Fact[], kind: K): readonly FactOf<K>[] =>
  facts.filter((fact): fact is FactOf<K> => fact.kind === kind);
