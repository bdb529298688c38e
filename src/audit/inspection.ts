import type { AnyEventType } from '#ledger/event.js';
import type { Entries, Entry } from './domain/entry.js';
import { Inspector, type Inspected } from './inspector.js';

/** Entries that follow each other, and what a look at them shows. */
export type Stretch = Readonly<{ entries: readonly Entry[]; seen: Inspected }>;

/** Looks at all entries of a log; the stretches come in log order, and then the error that the entries end with, if any. */
export type Inspection = (entries: Entries) => AsyncIterable<Stretch>;

/** One after another, where they are asked for. */
export const inspectedHere = (events: readonly AnyEventType[]): Inspection =>
  async function* (entries) {
    const inspector = new Inspector(events);
    for await (const batch of entries)
      yield { entries: batch, seen: inspector.inspect(batch.map(({ bytes }) => bytes)) };
  };
