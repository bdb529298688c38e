import { policyViolations, regimeViolations } from '#constitution/domain/document.js';
import { Rng } from '#corpus/domain/random.js';
import { runConfig, type RunFile } from '#run/domain/run-file.js';
import { setField, type Fields } from '#run/domain/run-fields.js';
import type { Registration } from './registration.js';

/**
 * The first seeds of a registration: different words of the stream `(leaf hash, "experiment-seeds")`. The hash is that of
 * the registration's record, which nobody can foresee, so nobody chose them.
 */
export const seedsOf = (leaf: string, count: number): readonly number[] => {
  const words = Rng.from(leaf, 'experiment-seeds');
  const seeds = new Set<number>();
  while (seeds.size < count) seeds.add(words.next());
  return [...seeds];
};

/** One arm with one seed; `number` counts the seeds from 1. */
export type PlannedRun = Readonly<{ run: string; arm: string; number: number; seed: number }>;

const runName = (experiment: string, arm: string, number: number): string => `${experiment}-${arm}-${number}`;

/** Every run of an experiment in the order in which they are made: all arms of a seed, then the next seed. */
export const plannedRuns = ({ experiment, arms, seeds }: Registration, leaf: string): readonly PlannedRun[] =>
  seedsOf(leaf, seeds).flatMap((seed, at) =>
    arms.map(({ arm }) => ({ run: runName(experiment, arm, at + 1), arm, number: at + 1, seed })),
  );

/** Names that belong to the runs of an experiment. */
export const runNames = ({ experiment, arms, seeds }: Registration): readonly string[] =>
  arms.flatMap(({ arm }) => Array.from({ length: seeds }, (_, at) => runName(experiment, arm, at + 1)));

/** The run file of an arm: what all share, with the arm's changes. */
export const armFile = (registration: Registration, planned: PlannedRun): Fields => {
  const file = structuredClone(registration.run) as Fields;
  const changes = registration.arms.find(({ arm }) => arm === planned.arm)?.changes ?? {};
  for (const [path, value] of Object.entries(changes)) setField(file, path, structuredClone(value));
  const { run, arm, seed } = planned;
  return { ...file, run, arm, seed, cycles: registration.cycles };
};

/** What an arm's file asks for that its constitution does not allow; undefined when nothing. */
export const outsideScope = (file: RunFile): string | undefined => {
  const { constitution } = file;
  const { regimes, policy } = runConfig(file, { constitution: { id: constitution.name, version: 1 }, parent: null });
  const [violation] = [
    ...regimes.flatMap(({ regime }) => regimeViolations(constitution, regime)),
    ...policyViolations(constitution, policy),
  ];
  return (
    violation &&
    `${violation.field} is ${violation.value}; constitution "${constitution.name}" allows ${violation.allowed}`
  );
};
