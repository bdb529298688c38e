import type { Receipt, Recorded } from '#ledger/log.js';

/** Everything a reading gives, until it ends. */
export const all = async (recorded: AsyncIterable<Recorded>): Promise<readonly Recorded[]> => {
  const list: Recorded[] = [];
  for await (const one of recorded) list.push(one);
  return list;
};

export const positions = async (recorded: AsyncIterable<Recorded>): Promise<readonly number[]> =>
  (await all(recorded)).map(({ position }) => position);

export const revisions = async (recorded: AsyncIterable<Recorded>): Promise<readonly number[]> =>
  (await all(recorded)).map(({ record }) => record.revision);

export const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

export const isReceipt = (result: PromiseSettledResult<Receipt>): result is PromiseFulfilledResult<Receipt> =>
  result.status === 'fulfilled';
