import type { Proposed } from '#ledger/record.js';
import type { Filter, ReadOptions, Recorded } from '#ledger/log.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { ReadingOn } from './reading-on.js';

const ids = new CountedIds();
const event = (type: string): Proposed => {
  const id = ids.next();
  const actor = { kind: 'human', id: 'ada', build: '' } as const;
  return {
    id,
    type,
    version: 1,
    recordedAt: '2025-06-01T12:00:00.000Z',
    actor,
    causationId: id,
    correlationId: id,
    data: {},
  };
};

/** A log that counts what is looked at. */
class CountingLog extends MemoryLog {
  looked: number[] = [];
  override async *readAll(options: ReadOptions & Filter = {}): AsyncGenerator<Recorded> {
    if (options.direction !== 'backward') this.looked.push(this.head() - (options.from ?? 1) + 1);
    yield* super.readAll(options);
  }
}

it('hands on each record once, and looks at none twice, whether it was handed on or held back', async () => {
  const log = new CountingLog();
  const taken: number[] = [];
  const reading = new ReadingOn(log, { types: ['Wanted'] }, ({ position }) => taken.push(position));
  await log.append('a', 'any', [event('Wanted'), event('Other'), event('Wanted'), event('Other'), event('Other')]);
  await Promise.all([reading.upToNow(), reading.upToNow()]);
  await reading.upToNow();
  expect(taken).toEqual([1, 3]);
  expect(log.looked).toEqual([5]);
  await log.append('a', 'any', [event('Other')]);
  await reading.upToNow();
  await log.append('b', 'any', [event('Wanted')]);
  await reading.upToNow();
  expect(taken).toEqual([1, 3, 7]);
  expect(log.looked).toEqual([5, 1, 1]);
});

it('goes on after a failure with the record that failed', async () => {
  const log = new MemoryLog();
  await log.append('a', 'any', [event('Wanted'), event('Wanted')]);
  const taken: number[] = [];
  let fails = true;
  const reading = new ReadingOn(log, {}, ({ position }) => {
    if (position === 2 && fails) throw new Error('not now');
    taken.push(position);
  });
  await expect(reading.upToNow()).rejects.toThrow('not now');
  fails = false;
  await reading.upToNow();
  expect(taken).toEqual([1, 2]);
});
