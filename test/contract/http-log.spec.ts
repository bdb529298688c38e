import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogClosed, LogDamaged, LogUnwritable, type Expected, type Receipt, type Recorded } from '#ledger/log.js';
import type { Proposed } from '#ledger/record.js';
import { HttpLog, type Hearing } from '#store/http-log.js';
import { HttpService, ServiceRefused, ServiceUnreachable } from '#store/http-service.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { all, positions } from './collecting.js';
import { following, reading } from './log-reading.contract.js';
import { several } from './proposing.js';
import { serveDoors, type ServedDoors } from './served.js';

/** Writes to the log of a service, and reads it over HTTP. */
class AppendingHttpLog extends HttpLog {
  constructor(
    private readonly written: MemoryLog,
    service: HttpService,
    hearing: Hearing = {},
  ) {
    super(service, hearing);
  }

  override append(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Receipt>;
  override append(): Promise<Receipt>;
  override append(...given: readonly unknown[]): Promise<Receipt> {
    return this.written.append(...(given as [string, Expected, readonly Proposed[]]));
  }
}

describe('the log of a service over HTTP keeps the reading half of the contract of the log', () => {
  let written: MemoryLog;
  let doors: ServedDoors;
  let log: AppendingHttpLog;
  const told: unknown[] = [];

  beforeEach(async () => {
    written = new MemoryLog();
    doors = await serveDoors(written, new MemoryArtifacts());
    log = new AppendingHttpLog(written, new HttpService(doors.url, undefined), { progress: (one) => told.push(one) });
  });
  afterEach(async () => {
    await log.close();
    await doors.close();
  });

  reading(() => log);
  following(() => log);

  it('reads records larger than a page may be together, whole and in order', async () => {
    const events = several(100).map((event) => ({ ...event, data: { text: 'ä'.repeat(30_000) } }));
    await log.append('a', 'any', events);
    expect(await positions(log.readAll())).toHaveLength(100);
  });

  it('says that it is read only, and that it is closed', async () => {
    const plain = new HttpLog(new HttpService(doors.url, undefined));
    await expect(plain.append()).rejects.toThrow(LogUnwritable);
    await log.append('a', 'any', several(3));
    await plain.close();
    await expect(all(plain.readAll())).rejects.toThrow(LogClosed);
    await expect(all(plain.readStream('a'))).rejects.toThrow(LogClosed);
  });

  it('passes on what is told of work under way', async () => {
    const word = { run: 'r', cycle: 1, what: 'probing', step: null, steps: null, tokens: null, tokensPerSecond: null };
    const stop = new AbortController();
    const following = all(log.subscribe({ signal: stop.signal }));
    await log.append('a', 'any', several(1));
    while (told.length === 0) {
      doors.feed.tell(word);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stop.abort();
    await following;
    expect(told[0]).toEqual(word);
  });

  it('has no cursor into a log that was cut off', async () => {
    await log.append('a', 'any', several(3));
    await all(log.readAll());
    await doors.close();
    const port = Number(new URL(doors.url).port);
    const other = await serveDoors(new MemoryLog(), new MemoryArtifacts(), port);
    const follow = all(log.subscribe({ after: 3, signal: new AbortController().signal }));
    await expect(follow).rejects.toThrow(/after: 3 is not allowed/);
    await other.close();
  });

  it('goes on where it was when the service was away', async () => {
    const troubles: (string | null)[] = [];
    const far = new HttpLog(new HttpService(doors.url, undefined), { trouble: (message) => troubles.push(message) });
    await log.append('a', 'any', several(3));
    const stop = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const { position } of far.subscribe({ signal: stop.signal })) if (seen.push(position) === 6) return;
    })();
    while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    const port = Number(new URL(doors.url).port);
    await doors.close();
    await written.append('a', 'any', several(2));
    doors = await serveDoors(written, new MemoryArtifacts(), port);
    await written.append('a', 'any', several(1));
    await following;
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(troubles.filter((message) => message !== null).length).toBeGreaterThan(0);
    expect(troubles.at(-1)).toBeNull();
  });
});

describe('a service that lies about its log', () => {
  let server: Server | undefined;
  const stored = new MemoryLog();
  let records: readonly Recorded[] = [];

  const answering = async (answer: (path: string) => unknown): Promise<HttpLog> => {
    server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(request.url ?? '')));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return new HttpLog(new HttpService(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined));
  };
  const sent = async (change: (items: SentRecord[]) => unknown): Promise<HttpLog> => {
    const { logRecord } = await import('#doors/log.view.js');
    const items = records.map(logRecord).map((record) => ({ ...record }));
    return answering(() => ({ items: change(items) ?? items, nextCursor: null, asOf: 3 }));
  };
  type SentRecord = { position: number; leafHash: string; canonical: string };

  beforeEach(async () => {
    if (records.length > 0) return;
    await stored.append('a', 'any', several(3));
    records = await all(stored.readAll());
  });
  afterEach(() => new Promise((resolve) => server?.close(resolve)));

  it.each<[string, RegExp, (items: SentRecord[]) => unknown]>([
    ['changes a byte', /leaf hash/, ([first]) => first && void (first.canonical = first.canonical.replace('a', 'b'))],
    ['leaves a record out', /revision 1 is due, 2 of a came/, ([first, , third]) => [first, third]],
    ['changes the order', /position 1 came after 2|revision 0 is due/, ([first, second]) => [second, first]],
    ['tells something else', /are no records/, () => [{ hello: 1 }]],
  ])('%s: that is damage', async (_, message, change) => {
    const log = await sent(change);
    const got = all(log.readStream('a'));
    await expect(got).rejects.toThrow(LogDamaged);
    await expect(got).rejects.toThrow(message);
  });

  it('sends what is no canonical JSON: that is damage', async () => {
    const { leafHash } = await import('#ledger/merkle.js');
    const log = await sent(([first]) => {
      if (!first) return;
      first.canonical = ` ${first.canonical}`;
      first.leafHash = Buffer.from(leafHash(Buffer.from(first.canonical))).toString('hex');
    });
    await expect(all(log.readAll())).rejects.toThrow(/position 1: the bytes are not RFC 8785/);
  });
});

describe('no service there', () => {
  it('is said at once, with how to start one', async () => {
    const log = new HttpLog(new HttpService('http://127.0.0.1:9', undefined));
    const got = all(log.readAll());
    await expect(got).rejects.toThrow(ServiceUnreachable);
    await expect(got).rejects.toThrow(/http:\/\/127\.0\.0\.1:9: .*ECONNREFUSED.*`serve` starts one/);
  });

  it('something else that listens is shown with its words', async () => {
    const server = createServer((_request, response) => void response.writeHead(404).end('nothing here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const log = new HttpLog(new HttpService(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined));
    await expect(all(log.readAll())).rejects.toThrow(new ServiceRefused('it answered 404 nothing here', 404, ''));
    await new Promise((resolve) => server.close(resolve));
  });
});
