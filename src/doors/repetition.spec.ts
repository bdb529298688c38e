import { lastValueFrom, defer } from 'rxjs';
import { LogVerified } from '#audit/domain/events.js';
import { auditStream } from '#audit/domain/audit.js';
import { CommandConflict, decide, Ledger } from '#ledger/ledger.js';
import { recordSchema } from '#ledger/record.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import type { Known } from './caller.js';
import { byOrigin } from './origin.js';
import { commandId, Repetition } from './repetition.js';

type Asked = Readonly<{ key?: string; body?: unknown; identity?: string; method?: string }>;

const verified = LogVerified.of({ events: 0, root: '0'.repeat(64), streams: 0, artifacts: 0, artifactBytes: 0 });

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
    const repetition = new Repetition(new MemoryLog());
    const origin = async (known: Known) => known.origin;
    expect(await send(repetition, { key: 'k' }, origin)).toEqual({
      requester: 'ada',
      command: commandId('ada', 'k', 'POST /v1/runs', {}),
    });
    expect(await send(repetition, {}, origin)).toBeUndefined();
    expect(await send(repetition, { key: 'k', method: 'GET' }, origin)).toBeUndefined();
  });

  it('lets two of one key go one after the other', async () => {
    const repetition = new Repetition(new MemoryLog());
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
    const repetition = new Repetition(new MemoryLog());
    const work = async () => 'done';
    await send(repetition, { key: 'k', body: { a: 1 } }, work);
    expect(await send(repetition, { key: 'k', body: { a: 1 } }, work)).toBe('done');
    await expect(send(repetition, { key: 'k', body: { a: 2 } }, work)).rejects.toThrow('used for another request');
    expect(await send(repetition, { key: 'k', body: { a: 2 }, identity: 'bob' }, work)).toBe('done');
  });

  it('refuses another command under a key that the log knows, which outlives the process', async () => {
    const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
    const write = async ({ origin }: Known) =>
      decide(ledger, auditStream, '', () => [verified], byOrigin(origin ?? { requester: 'nobody' }));
    await send(new Repetition(ledger.log), { key: 'k', body: { a: 1 } }, write);
    const later = new Repetition(ledger.log);
    const unasked = () => Promise.reject(new Error('the work began'));
    await expect(send(later, { key: 'k', body: { a: 2 } }, unasked)).rejects.toThrow(CommandConflict);
    expect(await send(later, { key: 'k', body: { a: 1 } }, write)).toBeUndefined();
    expect(await send(later, { key: 'k', body: { a: 2 }, identity: 'bob' }, async () => 'done')).toBe('done');
  });

  it.each(['', 'two words', 'x'.repeat(201), 'ümlaut'])('refuses %j', (key) => {
    expect(() => send(new Repetition(new MemoryLog()), { key }, async () => 1)).toThrow(
      /Idempotency-Key: .* is not allowed/,
    );
  });
});
