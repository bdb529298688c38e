import { chooseFamilies } from '#corpus/domain/families.js';
import { LN } from '#corpus/domain/family.js';
import type { RunConfig } from '#run/domain/config.js';
import { SCOUT_LOSS_PREFIX } from '#run/domain/evidence.js';
import type { Started } from '#run/domain/run.js';

/** Scout losses of one checkpoint: nats per scored position of each domain, divided by the loss of a guess. */
export type ScoutLosses = Readonly<Record<string, number>>;

/** A loss beyond it says no more than that nothing is known. */
const HIGHEST = 4;

/** Nats per scored position of a guess in each of a run's domains. */
export const guessesOf = ({ seed, targets, distractors, texts, general }: RunConfig): ReadonlyMap<string, number> =>
  new Map([
    ...chooseFamilies(String(seed), [...targets, ...distractors]).map((f) => [f.name, f.entropyNats] as const),
    ...[...texts, general].map((name) => [name, LN[256]] as const),
  ]);

/** What the scout suite said of champions up to a cycle's proposal, by checkpoint in the order they were first seen. */
export const scoutedUpTo = (run: Started, cycle: number): ReadonlyMap<string, ScoutLosses> => {
  const guesses = guessesOf(run.config);
  const seen = new Map<string, ScoutLosses>();
  for (const past of run.cycles) {
    if (past.cycle > cycle) break;
    for (const { role, subject, checkpoint, metrics } of past.probes) {
      // The suite is fixed: a checkpoint that is shown it again gives what it gave.
      if (role !== 'scout' || subject !== 'champion' || seen.has(checkpoint)) continue;
      const losses = [...guesses].flatMap(([name, guess]): [string, number][] => {
        const loss = metrics[`${SCOUT_LOSS_PREFIX}${name}`];
        return loss === undefined ? [] : [[name, Math.min(loss / guess, HIGHEST)]];
      });
      seen.set(checkpoint, Object.fromEntries(losses));
    }
  }
  return seen;
};

/** What is believed of a domain: the loss as a share of a guess's, and how far that may be off. */
export type Belief = Readonly<{ mean: number; variance: number }>;
export type Beliefs = ReadonlyMap<string, Belief>;

/** A guess, and little certainty of it. */
const UNSEEN: Belief = { mean: 1, variance: 1 };
/** Variance of a probe of some 16 sequences, and of what an update changes. */
const PROBE = 0.0025;
const UPDATE = 0.01;

export const unseen = (domains: Iterable<string>): Beliefs => new Map([...domains].map((name) => [name, UNSEEN]));

/** Beliefs after one more champion was probed: a local-level filter for each domain. */
export const observe = (beliefs: Beliefs, losses: ScoutLosses): Beliefs =>
  new Map(
    [...beliefs].map(([name, belief]) => {
      const loss = losses[name];
      if (loss === undefined) return [name, belief];
      const before = belief.variance + UPDATE;
      const gain = before / (before + PROBE);
      return [name, { mean: belief.mean + gain * (loss - belief.mean), variance: (1 - gain) * before }];
    }),
  );
