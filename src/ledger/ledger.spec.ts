import { z } from 'zod';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { Refused, type Stream } from './decider.js';
import { event } from './event.js';
import { collect, CommandConflict, decide, fold, Ledger } from './ledger.js';

const Counted = event('Counted', z.strictObject({ count: z.int() }));
const counter: Stream<number, typeof Counted> = {
  name: 'counter',
  events: [Counted],
  initial: 0,
  evolve: (_count, { data }) => data.count,
};
const actor = { kind: 'service', id: 'test', build: 'test' } as const;
const increment = (count: number) => [Counted.of({ count: count + 1 })];

let ledger: Ledger;
beforeEach(() => {
  ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
});
const recorded = () => collect(ledger.log.readStream('counter-a'));

test('writers at the same moment all get their turn: whoever was slower decides anew', async () => {
  await Promise.all(Array.from({ length: 20 }, () => decide(ledger, counter, 'a', increment, { actor })));
  expect((await recorded()).map(({ data }) => data['count'])).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
});

test('a decision that is refused on the newer state is refused', async () => {
  const once = (count: number) => {
    if (count > 0) throw new Refused('counted already');
    return [Counted.of({ count: 1 })];
  };
  const both = await Promise.allSettled([1, 2].map(() => decide(ledger, counter, 'a', once, { actor })));
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await recorded()).toHaveLength(1);
});

test('what one decision appends is correlated by its first event', async () => {
  const twice = (count: number) => [1, 2].map((more) => Counted.of({ count: count + more }));
  await decide(ledger, counter, 'a', twice, { actor });
  await decide(ledger, counter, 'a', twice, { actor });
  const records = await recorded();
  const ids = records.map(({ id }) => id);
  expect(records.map(({ causationId }) => causationId)).toEqual(ids);
  expect(records.map(({ correlationId }) => correlationId)).toEqual([ids[0], ids[0], ids[2], ids[2]]);
});

describe('a command that its sender named', () => {
  const command = { id: '00000000-0000-4000-8000-0000000000aa', correlationId: '00000000-0000-4000-8000-0000000000bb' };

  test('is carried out once, also when it comes twice at the same moment', async () => {
    await Promise.all([1, 2, 3].map(() => decide(ledger, counter, 'a', increment, { actor, command })));
    const records = await recorded();
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ causationId: command.id, correlationId: command.correlationId });
  });

  test('gives its name to the first event it writes, in whichever stream, and to no other', async () => {
    const twice = (count: number) => [1, 2].map((more) => Counted.of({ count: count + more }));
    await Promise.all(['a', 'b'].map((id) => decide(ledger, counter, id, twice, { actor, command })));
    const records = await collect(ledger.log.readAll());
    expect(records.map(({ stream }) => stream).sort()).toEqual(['counter-a', 'counter-a', 'counter-b', 'counter-b']);
    expect(records.filter(({ id }) => id === command.correlationId)).toEqual([records[0]]);
    for (const { causationId, correlationId } of records) expect({ id: causationId, correlationId }).toEqual(command);
  });

  test('is refused in another stream too when it says something else under the same name', async () => {
    await decide(ledger, counter, 'a', increment, { actor, command });
    const other = { ...command, id: '00000000-0000-4000-8000-0000000000cc' };
    await expect(decide(ledger, counter, 'b', increment, { actor, command: other })).rejects.toThrow(CommandConflict);
    const both = await Promise.allSettled(
      [command, other].map(({ id }) => {
        const named = { id, correlationId: '00000000-0000-4000-8000-0000000000dd' };
        return decide(ledger, counter, id, increment, { actor, command: named });
      }),
    );
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await collect(ledger.log.readAll())).toHaveLength(2);
  });

  test('is refused when it says something else under the same name', async () => {
    await decide(ledger, counter, 'a', increment, { actor, command });
    const other = { ...command, id: '00000000-0000-4000-8000-0000000000cc' };
    await expect(decide(ledger, counter, 'a', increment, { actor, command: other })).rejects.toThrow(CommandConflict);
    expect(await recorded()).toHaveLength(1);
  });
});

describe('a stream that is folded again', () => {
  const add = (id: string): Promise<unknown> => decide(ledger, counter, id, increment, { actor });
  const summed: Stream<number, typeof Counted> = { ...counter, evolve: (sum, { data }) => sum + data.count };

  test('is read from where the last fold ended, whoever wrote what came since', async () => {
    await add('a');
    await add('a');
    const before = await fold(ledger.log, counter, 'a');
    // Through another ledger over the same log.
    await decide(new Ledger(ledger.log, new CountedClock(), new CountedIds(50)), counter, 'a', increment, { actor });
    const asked: unknown[] = [];
    const read = ledger.log.readStream.bind(ledger.log);
    ledger.log.readStream = (...words) => {
      asked.push(words);
      return read(...words);
    };
    const after = await fold(ledger.log, counter, 'a');
    expect(asked).toEqual([['counter-a', { from: 2 }]]);
    expect(before).toMatchObject({ state: 2, revision: 1 });
    expect(after).toEqual({ state: 3, revision: 2, records: await recorded() });
  });

  test('is folded anew as another kind of stream', async () => {
    for (const _ of [1, 2, 3]) await add('a');
    expect(await fold(ledger.log, summed, 'a')).toMatchObject({ state: 1 + 2 + 3, revision: 2 });
    expect(await fold(ledger.log, counter, 'a')).toMatchObject({ state: 3, revision: 2 });
  });

  test('is the same after many others were', async () => {
    const names = Array.from({ length: 40 }, (_, at) => `n${at}`);
    for (const name of [...names, ...names]) await add(name);
    for (const name of names) expect(await fold(ledger.log, counter, name)).toMatchObject({ state: 2, revision: 1 });
  });

  test('is nothing where there is none, and something as soon as there is', async () => {
    expect(await fold(ledger.log, counter, 'a')).toEqual({ state: 0, revision: 'no-stream', records: [] });
    await add('a');
    expect(await fold(ledger.log, counter, 'a')).toMatchObject({ state: 1, revision: 0 });
  });
});
