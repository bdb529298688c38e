import { parentPort } from 'node:worker_threads';
import { allEvents } from '#event-catalogue.js';
import type { Packed } from './crew.js';
import { Inspector } from './inspector.js';

// Looks at blocks of entries in a thread of its own; what it found goes back without being copied.
const port = parentPort;
if (!port) throw new Error('crew-worker: it is started by a verification, as a worker');
const inspector = new Inspector(allEvents);

port.on('message', ({ lengths, bytes }: Packed) => {
  let at = 0;
  const seen = inspector.inspect(Array.from(lengths, (length) => bytes.subarray(at, (at += length))));
  const { leaves, streamOf, revisions, ids } = seen;
  port.postMessage(
    seen,
    [leaves, streamOf, revisions, ids].map(({ buffer }) => buffer as ArrayBuffer),
  );
});
