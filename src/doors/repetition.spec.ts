import { lastValueFrom, defer } from 'rxjs';
import { recordSchema } from '#ledger/record.js';
import type { Known } from './caller.js';
import { commandId, Repetition } from './repetition.js';

type Asked = Readonly<{ key?: string; body?: unknown; identity?: string; method?: string }>;

const send = (
  repetition: Repetition,
  { key, body = {}, identity = 'ada', method = 'POST' }: Asked,
  work: (known: Known) => Promise<unknown>,
) => {
  const request = {
    method,
    url: '/v1/runs',
    body,
    headers: key === undefined ? {} : { 'idempotency-key': key },
    identity: { id: identity, roles: [] },
  } as Known & object;
  const context = { getType: () => 'http', switchToHttp: () => ({ getRequest: () => request }) };
  return lastValueFrom(repetition.intercept(context as never, { handle: () => defer(() => work(request)) }));
};

describe('a command’s name', () => {
  it('is two UUIDs: of the key, and of everything the command says', () => {
    const one = commandId('ada', 'k', 'POST /v1/runs', { a: 1, b: 2 });
    expect(commandId('ada', 'k', 'POST /v1/runs', { b: 2, a: 1 })).toEqual(one);
    for (const id of [one.id, one.correlationId]) expect(recordSchema.shape.id.parse(id)).toBe(id);
    for (const [other, sameKey] of [
      [commandId('bob', 'k', 'POST /v1/runs', { a: 1, b: 2 }), false],
      [commandId('ada', 'k', 'POST /v1/other', { a: 1, b: 2 }), true],
      [commandId('ada', 'k', 'POST /v1/runs', { a: 1, b: 3 }), true],
    ] as const) {
      expect(other.id).not.toBe(one.id);
      expect(other.correlationId === one.correlationId).toBe(sameKey);
    }
  });
});

describe('Idempotency-Key', () => {
  it('names the command of a request that changes something, and of no other', async () => {
    const repetition = new Repetition();
    const origin = async (known: Known) => known.origin;
    expect(await send(repetition, { key: 'k' }, origin)).toEqual({
      requester: 'ada',
      command: commandId('ada', 'k', 'POST /v1/runs', {}),
    });
    expect(await send(repetition, {}, origin)).toBeUndefined();
    expect(await send(repetition, { key: 'k', method: 'GET' }, origin)).toBeUndefined();
  });

  it('lets two of one key go one after the other', async () => {
    const repetition = new Repetition();
    const steps: string[] = [];
    const slow = (name: string) => async () => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} ends`);
      if (name === 'first') throw new Error('failed');
    };
    const [first] = await Promise.allSettled([
      send(repetition, { key: 'k' }, slow('first')),
      send(repetition, { key: 'k' }, slow('second')),
    ]);
    expect(first.status).toBe('rejected');
    expect(steps).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  it('refuses another command under a key that carried one out, of the same caller only', async () => {
    const repetition = new Repetition();
    const work = async () => 'done';
    await send(repetition, { key: 'k', body: { a: 1 } }, work);
    expect(await send(repetition, { key: 'k', body: { a: 1 } }, work)).toBe('done');
    await expect(send(repetition, { key: 'k', body: { a: 2 } }, work)).rejects.toThrow('used for another request');
    expect(await send(repetition, { key: 'k', body: { a: 2 }, identity: 'bob' }, work)).toBe('done');
  });

  it.each(['', 'two words', 'x'.repeat(201), 'ümlaut'])('refuses %j', (key) => {
    expect(() => send(new Repetition(), { key }, async () => 1)).toThrow(/Idempotency-Key: .* is not allowed/);
  });
});
