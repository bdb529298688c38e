import { once, setMaxListeners, type EventEmitter } from 'node:events';
import type { Filter, ReadOptions, Recorded, SubscribeOptions } from '#ledger/log.js';
import { canonicalJson, type Record } from '#ledger/record.js';

/** A span of revisions or positions, both ends inside, and how much of it is wanted. */
export type Span = Readonly<{ low: number; high: number; forward: boolean; limit: number }>;

/** The part of `first..last` that the options ask for. */
export const spanOf = (options: ReadOptions, first: number, last: number): Span => {
  const { from, direction = 'forward', limit = Infinity } = options;
  if (from !== undefined && !Number.isSafeInteger(from)) throw new RangeError(`from: ${from} is not a whole number`);
  if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit >= 0))
    throw new RangeError(`limit: ${limit} is not a count`);
  const forward = direction === 'forward';
  return forward
    ? { low: Math.max(first, from ?? first), high: last, forward, limit }
    : { low: first, high: Math.min(last, from ?? last), forward, limit };
};

type Stored = Readonly<{ bytes: Uint8Array; record: Record }>;

/**
 * Whether a record passes. The bytes are looked at first, since canonical bytes must contain the type and the stream
 * as JSON text: most records that do not pass are never parsed.
 */
export const matcher = ({ streamPrefix = '', types }: Filter): ((stored: Stored) => boolean) => {
  const wanted = types && new Set(types);
  const stream = streamPrefix === '' ? '' : `"stream":${canonicalJson(streamPrefix).slice(0, -1)}`;
  const kinds = types?.map((type) => `"type":${canonicalJson(type)}`);
  return (stored) => {
    const bytes = Buffer.from(stored.bytes.buffer, stored.bytes.byteOffset, stored.bytes.length);
    if (stream && !bytes.includes(stream)) return false;
    if (kinds && !kinds.some((kind) => bytes.includes(kind))) return false;
    return stored.record.stream.startsWith(streamPrefix) && (!wanted || wanted.has(stored.record.type));
  };
};

/** A log that tells when it grew. */
export interface Growing {
  head(): number;
  readAll(options: ReadOptions & Filter): AsyncIterable<Recorded>;
  /** Resolves when there may be more to read; rejects with an AbortError when the signal aborts. */
  grown(signal: AbortSignal): Promise<void>;
}

/** Reads on and on. Nothing is buffered: a slow reader finds the events in the store whenever it comes. */
export async function* follow(log: Growing, options: SubscribeOptions, closing: AbortSignal): AsyncGenerator<Recorded> {
  const { after: start = 0, signal: asked, ...filter } = options;
  const signal = AbortSignal.any([asked, closing]);
  setMaxListeners(0, signal);
  let after = start;
  while (!signal.aborted) {
    const head = log.head();
    if (head <= after) {
      await log.grown(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      continue;
    }
    for await (const recorded of log.readAll({ ...filter, from: after + 1 })) {
      yield recorded;
      after = recorded.position;
      if (signal.aborted) return;
    }
    after = Math.max(after, head);
  }
}

export const GREW = 'grew';

export const grown = async (emitter: EventEmitter, signal: AbortSignal): Promise<void> => {
  await once(emitter, GREW, { signal });
};
