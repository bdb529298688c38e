import { Rng } from '#corpus/domain/random.js';
import { setField, type Fields } from '#run/domain/run-fields.js';
import type { Registration } from './registration.js';

/**
 * The first seeds of a registration: different words of the stream `(leaf hash, "experiment-seeds")`. The hash is that of
 * the registration's record, which nobody can foresee, so nobody chose them; those of the experiment that it is paired with
 * are known once that one is registered, so it has to be registered before any run of that one.
 */
export const seedsOf = (leaf: string, count: number): readonly number[] => {
  const words = Rng.from(leaf, 'experiment-seeds');
  const seeds = new Set<number>();
  while (seeds.size < count) seeds.add(words.next());
  return [...seeds];
};

/** One arm with one seed; `number` counts the seeds from 1. `of`: whose run it is, another experiment's where they share an arm. */
export type PlannedRun = Readonly<{
  run: string;
  arm: string;
  number: number;
  seed: number;
  of: Readonly<{ experiment: string; arm: string }>;
  /** It is a student of the distillation of this name, which all arms of a seed share. */
  distillation?: true;
}>;

/** Whose seeds an experiment takes: its own registration's, or those of the one that it is paired with. */
export const seedsFrom = ({ experiment, pairedWith }: Registration): string => pairedWith ?? experiment;

const ownerOf = ({ experiment, pairedWith }: Registration, { arm, sameAs }: Registration['arms'][number]) =>
  sameAs === undefined ? { experiment, arm } : { experiment: pairedWith ?? experiment, arm: sameAs };

const runName = ({ experiment, arm }: PlannedRun['of'], number: number): string => `${experiment}-${arm}-${number}`;

const distillationName = (experiment: string, number: number): string => `${experiment}-${number}`;

const plannedStudent = (
  experiment: string,
  arm: string,
  { number, seed }: Pick<PlannedRun, 'number' | 'seed'>,
): PlannedRun => {
  const run = distillationName(experiment, number);
  return { run, arm, number, seed, of: { experiment, arm }, distillation: true };
};

/**
 * Every run of an experiment in the order in which they are made: all arms of a seed, then the next seed.
 * @param leaf of the registration that the seeds are taken from
 */
export const plannedRuns = (registration: Registration, leaf: string): readonly PlannedRun[] =>
  seedsOf(leaf, registration.seeds).flatMap((seed, at) =>
    registration.arms.map((one): PlannedRun => {
      if (registration.distillation) return plannedStudent(registration.experiment, one.arm, { number: at + 1, seed });
      const of = ownerOf(registration, one);
      return { run: runName(of, at + 1), arm: one.arm, number: at + 1, seed, of };
    }),
  );

/** Each run once, where arms have it in common: a log may hold a registration of two arms that are the same as one. */
export const eachOnce = (planned: readonly PlannedRun[]): readonly PlannedRun[] => [
  ...new Map(planned.map((one) => [one.run, one])).values(),
];

/** Names of the runs of an experiment; `own`: without those that it shares with another. */
export const runNames = (registration: Registration, which: 'all' | 'own'): readonly string[] =>
  registration.distillation
    ? Array.from({ length: registration.seeds }, (_, at) => distillationName(registration.experiment, at + 1))
    : runNamesOf(registration, which);

const runNamesOf = (registration: Registration, which: 'all' | 'own'): readonly string[] =>
  registration.arms
    .filter(({ sameAs }) => which === 'all' || sameAs === undefined)
    .flatMap((one) =>
      Array.from({ length: registration.seeds }, (_, at) => runName(ownerOf(registration, one), at + 1)),
    );

/** The run file of an arm: what all share, with the arm's changes. @param registration of the experiment whose run it is */
export const armFile = (registration: Registration, { run, seed, of }: Omit<PlannedRun, 'arm' | 'number'>): Fields => {
  const file = structuredClone(registration.run) as Fields;
  const changes = registration.arms.find(({ arm }) => arm === of.arm)?.changes ?? {};
  for (const [path, value] of Object.entries(changes)) setField(file, path, structuredClone(value));
  return { ...file, run, arm: of.arm, seed, cycles: registration.cycles };
};
