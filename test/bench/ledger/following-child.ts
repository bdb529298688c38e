/**
 * Appends at a steady pace while a subscription reads and the log is signed; prints, in milliseconds, how long an append took,
 * how long from its asking until the subscriber had it, and until a signed checkpoint covered it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Notary } from '#audit/notary.js';
import { Signing } from '#audit/signing.js';
import { SIGN_EVERY_MS } from '#publishing.js';
import { dataFolder } from '#store/data-folder.js';
import { LmdbLog } from '#store/lmdb-log.js';
import type { Log } from '#ledger/log.js';
import { spreadOf } from '../service/measure.js';
import { proposedBy } from './measured-event.js';
import { notaryOf } from './stores.js';

const [data = '', secondsText = '1', perSecondText = '200'] = process.argv.slice(2);
const [count, everyMs] = [Number(secondsText) * Number(perSecondText), 1000 / Number(perSecondText)];

const log = await LmdbLog.open(dataFolder(data).log);
const notary = notaryOf(data);
const askedAt: number[] = [];
const appendMs: number[] = [];
const signedMs: number[] = [];
const heardMs: number[] = [];

/** Notes when each record came under a checkpoint. */
const advance = notary.advance.bind(notary);
notary.advance = async (of: Log): ReturnType<Notary['advance']> => {
  const head = await advance(of);
  for (let at = signedMs.length; at < head.size; at += 1) signedMs.push(performance.now() - (askedAt[at] as number));
  return head;
};
const signing = new Signing(notary, log, SIGN_EVERY_MS);
signing.start();

const stopping = new AbortController();
const listening = (async () => {
  for await (const { position } of log.subscribe({ signal: stopping.signal }))
    heardMs.push(performance.now() - (askedAt[position - 1] as number));
})();

const begun = performance.now();
for (let at = 0; at < count; at += 1) {
  await pause(begun + at * everyMs - performance.now());
  askedAt.push(performance.now());
  await log.append('paced', 'any', [proposedBy(0, at)]);
  appendMs.push(performance.now() - (askedAt[at] as number));
}
while (signedMs.length < count || heardMs.length < count) await pause(10);
stopping.abort();
await listening;
await signing.stop();
await log.close();
process.stdout.write(
  `${JSON.stringify({ append: spreadOf(appendMs), heard: spreadOf(heardMs), signed: spreadOf(signedMs) })}\n`,
);
