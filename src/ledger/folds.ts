import type { Record } from './record.js';
import type { Log } from './log.js';

/** What a stream was folded to, and the records of it. */
export type Folded<S> = Readonly<{ state: S; revision: number | 'no-stream'; records: readonly Record[] }>;

/** Streams of a log whose last fold is kept. */
const MOST_KEPT = 16;

/**
 * The last folds of a log. What stands in a log stays as it is, so the next fold of a stream goes on where the last one ended:
 * each step of a run folds its stream several times, which would take longer with every cycle.
 */
class Folds {
  /** The one that grew last stands last. */
  private readonly kept = new Map<string, Readonly<{ of: object; folded: Folded<unknown> }>>();

  /** @param of what evolved it: another kind of stream of the same name begins anew */
  last<S>(name: string, of: object): Folded<S> | undefined {
    const found = this.kept.get(name);
    return found?.of === of ? (found.folded as Folded<S>) : undefined;
  }

  keep(name: string, of: object, folded: Folded<unknown>): void {
    this.kept.delete(name);
    this.kept.set(name, { of, folded });
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

const folds = new WeakMap<Log, Folds>();

export const foldsOf = (log: Log): Folds => {
  const known = folds.get(log) ?? new Folds();
  folds.set(log, known);
  return known;
};
