import { join } from 'node:path';
import { childSays } from './children.js';
import type { Peer } from './peers.js';
import type { StoreName } from './stores.js';

export const WRITERS = [1, 16, 64] as const;

/** Round by round. */
type Rounds = Readonly<{
  /** Durable events. */
  perSecond: number[];
  /** Processor time for one event, of writers and server, in microseconds; other work on the machine hardly changes it. */
  cpuUs: number[];
  /** Of the writers' process. */
  mostMb: number[];
}>;
export type Appended = Rounds & Readonly<{ name: StoreName; writers: number }>;

export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
};

/** Ratio to a peer within each round, where both met the same machine; the median of the rounds. */
export const ratioTo = (peer: Appended, own: Appended): number =>
  medianOf(own.perSecond.map((rate, round) => rate / (peer.perSecond[round] ?? NaN)));

/** Every store in every round, one after another, each time in a fresh place. */
export const measureAppending = async (
  peers: readonly Peer[],
  scratch: string,
  { rounds, seconds }: Readonly<{ rounds: number; seconds: number }>,
): Promise<readonly Appended[]> => {
  const found: Appended[] = [];
  for (const writers of WRITERS) {
    const own = peers.map(({ name }): Appended => ({ name, writers, perSecond: [], cpuUs: [], mostMb: [] }));
    for (let round = 0; round < rounds; round += 1)
      for (const [at, { name, place, folder = '', server = '' }] of peers.entries()) {
        const fresh = name === 'ledger' ? join(scratch, `${name}-${writers}-${round}`) : place;
        const words = [name, fresh, writers, seconds, folder, server].map(String);
        const said = await childSays<{ [K in keyof Rounds]: number }>('appending-child.js', ...words);
        for (const each of ['perSecond', 'cpuUs', 'mostMb'] as const) own[at]?.[each].push(said[each]);
      }
    found.push(...own);
  }
  return found;
};
