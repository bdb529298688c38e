import { chooseFamilies } from '#corpus/domain/families.js';
import { acceptedByCycle } from './arm.js';
import { factsOf, type Fact, type FactOf } from './fact.js';
import { anchorOf, type Source } from './readings.js';
import { overUnits } from './statistics.js';

/** Accuracy of every block's task, by the place of the task in the block. */
export type TasksOf = (results: string) => readonly (readonly number[])[] | undefined;

/** One family after one cycle: what the champion can do beside what an accepted one could do before. Accuracies, 0 to 1. */
export type Retained = Readonly<{
  cycle: number;
  champion: string;
  family: string;
  accuracy: number;
  bestAccuracy: number;
  bestCycle: number;
  bestChampion: string;
  /** Best minus present, with its 95% interval over the blocks; 0 where the present is the best. */
  lost: number;
  lostLow: number | null;
  lostHigh: number | null;
}>;

type Probe = FactOf<'probe'>;

/** The probe that says what a checkpoint can do: the report's, or that of the cycle that made it. */
const probeOf = (facts: readonly Fact[], source: Source, checkpoint: string): Probe | undefined => {
  const role = source === 'report' ? 'report' : 'shadow';
  const probes = factsOf(facts, 'probe').filter((probe) => probe.role === role && probe.checkpoint === checkpoint);
  const asAnchor = source === 'gate' && checkpoint === anchorOf(facts);
  return asAnchor || source === 'report' ? probes[0] : probes.find(({ subject }) => subject === 'candidate');
};

const lostBetween = (best: readonly number[] | undefined, now: readonly number[] | undefined) => {
  if (!best || !now || best.length !== now.length || best.length < 2) return { lostLow: null, lostHigh: null };
  const { low, high } = overUnits(best.map((value, block) => value - (now[block] ?? NaN)));
  const known = low !== null && high !== null && Number.isFinite(low) && Number.isFinite(high);
  return known ? { lostLow: low, lostHigh: high } : { lostLow: null, lostHigh: null };
};

type Best = Readonly<{ cycle: number; probe: Probe; accuracy: number }>;

/** Skills kept and lost since they were accepted: every target family after every cycle, in that order. */
export const retentionOf = (facts: readonly Fact[], source: Source, tasksOf: TasksOf): readonly Retained[] => {
  const [start] = factsOf(facts, 'start');
  if (!start) return [];
  const { seed, targets } = start.config;
  const families = chooseFamilies(String(seed), targets).map(({ name }) => name);
  const best = new Map<string, Best>();
  const retained: Retained[] = [];
  for (const [cycle, champion] of acceptedByCycle(facts)) {
    const probe = probeOf(facts, source, champion);
    if (!probe) continue;
    families.forEach((family, place) => {
      const accuracy = probe.accuracies[family];
      if (accuracy === undefined) return;
      const before = best.get(family);
      const now = before === undefined || accuracy > before.accuracy ? { cycle, probe, accuracy } : before;
      best.set(family, now);
      const same = now.probe.checkpoint === champion;
      retained.push({
        cycle,
        champion,
        family,
        accuracy,
        bestAccuracy: now.accuracy,
        bestCycle: now.cycle,
        bestChampion: now.probe.checkpoint,
        lost: now.accuracy - accuracy,
        ...(same
          ? { lostLow: 0, lostHigh: 0 }
          : lostBetween(tasksOf(now.probe.results)?.[place], tasksOf(probe.results)?.[place])),
      });
    });
  }
  return retained;
};
