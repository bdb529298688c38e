import { Worker } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { allEvents } from '#event-catalogue.js';
import type { Entries, Entry } from './domain/entry.js';
import { inspectedHere, type Inspection, type Stretch } from './inspection.js';
import { BLOCK, Inspector, type Inspected } from './inspector.js';

const WORKER = new URL('./crew-worker.js', import.meta.url);

/** A thread is worth its start from about so many records on. */
const ALONE = 20_000;
/** More threads would wait for records, which one process reads. */
const MOST_THREADS = 8;
/** Blocks that each thread has before it, so that it never waits for the next. */
const AHEAD = 3;
/** So many bytes are handed out at a time, but one block always is. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The bytes of some entries, one after another. */
export type Packed = Readonly<{ lengths: Uint32Array<ArrayBuffer>; bytes: Uint8Array<ArrayBuffer> }>;

const pack = (entries: readonly Entry[]): Packed => {
  const parts = entries.map(({ bytes }) => bytes);
  const lengths = Uint32Array.from(parts, ({ length }) => length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { lengths, bytes };
};

type Waiting = Readonly<{ resolve: (seen: Inspected) => void; reject: (error: Error) => void }>;

/** A thread that looks at blocks of entries, in the order in which it gets them. */
class Inspecting {
  // No execArgv: the thread must not inherit a test runner's or debugger's flags.
  private readonly worker = new Worker(WORKER, { execArgv: [] });
  private readonly waiting: Waiting[] = [];
  private ended: Error | undefined;

  constructor() {
    this.worker.on('message', (seen: Inspected) => this.waiting.shift()?.resolve(seen));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', (code) => this.fail(new Error(`a thread that verifies ended (exit code ${code})`)));
  }

  /** @param packed the bytes of these entries, which the thread then has */
  async inspect(entries: readonly Entry[], { lengths, bytes }: Packed): Promise<Stretch> {
    if (this.ended) throw this.ended;
    const seen = await new Promise<Inspected>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage({ lengths, bytes } satisfies Packed, [lengths.buffer, bytes.buffer]);
    });
    return { entries, seen };
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

/** Blocks as they lie in the log, the first so long that the next begins where one does. */
async function* inBlocks(entries: Entries, before: number): AsyncGenerator<readonly Entry[]> {
  let block: Entry[] = [];
  let room = BLOCK - (before % BLOCK);
  try {
    for await (const batch of entries)
      for (const entry of batch) {
        block.push(entry);
        if (block.length < room) continue;
        yield block;
        [block, room] = [[], BLOCK];
      }
  } catch (error) {
    yield block;
    throw error;
  }
  yield block;
}

type Handed = Readonly<{ looked: Promise<Stretch>; bytes: number }>;

/** What is handed out and not back yet, oldest first. */
class Under {
  private readonly handed: Handed[] = [];
  private bytes = 0;

  constructor(private readonly mostBlocks: number) {}

  get isFull(): boolean {
    return this.handed.length >= this.mostBlocks || this.bytes >= MOST_BYTES;
  }

  get isEmpty(): boolean {
    return this.handed.length === 0;
  }

  add(bytes: number, looked: Promise<Stretch>): void {
    // It is asked for later, and must not count as nobody's until then.
    looked.catch(() => undefined);
    this.handed.push({ looked, bytes });
    this.bytes += bytes;
  }

  oldest(): Promise<Stretch> {
    const { looked, bytes } = this.handed.shift() as Handed;
    this.bytes -= bytes;
    return looked;
  }
}

/** Hands the blocks round; what comes back comes in their order, and then what went wrong with the blocks. */
async function* handedRound(blocks: Entries, threads: number): AsyncGenerator<Stretch> {
  const crew = Array.from({ length: threads }, () => new Inspecting());
  const under = new Under(threads * AHEAD);
  try {
    let handed = 0;
    for await (const block of blocks) {
      const packed = pack(block);
      const { length } = packed.bytes;
      under.add(length, (crew[handed % threads] as Inspecting).inspect(block, packed));
      handed += 1;
      while (under.isFull) yield await under.oldest();
    }
    while (!under.isEmpty) yield await under.oldest();
  } catch (error) {
    while (!under.isEmpty) yield await under.oldest();
    throw error;
  } finally {
    await Promise.all(crew.map((one) => one.end()));
  }
}

/**
 * Looks at the entries of a log of this build's events in threads of their own once they are many.
 * @param threads 0: as many as the machine has cores, up to eight; with 1 nothing is handed over
 */
export const inspectedByCrew = (threads = 0): Inspection => {
  const count = Math.min(threads || availableParallelism(), MOST_THREADS);
  if (count === 1) return inspectedHere(allEvents);
  return async function* (entries) {
    const rest = entries[Symbol.asyncIterator]();
    const inspector = new Inspector(allEvents);
    let done = 0;
    try {
      while (done < ALONE) {
        const { value: batch, done: ended } = await rest.next();
        if (ended === true) return;
        yield { entries: batch, seen: inspector.inspect(batch.map(({ bytes }) => bytes)) };
        done += batch.length;
      }
      yield* handedRound(inBlocks({ [Symbol.asyncIterator]: () => rest }, done), count);
    } finally {
      await rest.return?.();
    }
  };
};
