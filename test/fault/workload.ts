/**
 * A little of everything that is written to a data folder: appends, artifacts, checkpoints. Prints a JSON line for whatever is
 * acknowledged or refused, and goes on after a refusal as a service would.
 */
import './no-process.js';
import { writeSync } from 'node:fs';
import { LmdbLog } from '#store/lmdb-log.js';
import { CountedIds } from '#store/counted-ids.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { dataFolder } from '#store/data-folder.js';
import { sha256 } from '#ledger/digest.js';
import { group } from './appended.js';
import { FIRST_NEW_ID, notaryOf } from './small-data.js';

const [data = '', rounds = '1'] = process.argv.slice(2);
const places = dataFolder(data);
const ids = new CountedIds(FIRST_NEW_ID);
const artifacts = new FileArtifacts(places.artifacts);
const notary = notaryOf(data);

const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);
/** Tells what came of one piece of work; whether it was done. */
const attempt = async (did: string, what: object, work: () => Promise<object>): Promise<boolean> => {
  try {
    say({ did, ...what, ...(await work()) });
    return true;
  } catch (error) {
    say({ refused: did, ...what, why: String(error) });
    return false;
  }
};

const append = (log: LmdbLog, stream: string, size: number, paddingBytes: number): Promise<boolean> => {
  const events = group(ids, size, paddingBytes);
  return attempt('append', { ids: events.map(({ id }) => id) }, () => log.append(stream, 'any', events));
};

const put = (text: string): Promise<boolean> => {
  const bytes = Buffer.from(text);
  return attempt('put', { name: sha256(bytes) }, async () => ({ put: await artifacts.put(bytes) }));
};

const receive = (text: string): Promise<boolean> => {
  const bytes = Buffer.from(text);
  const coming = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 3000) yield bytes.subarray(at, at + 3000);
  };
  return attempt('put', { name: sha256(bytes) }, async () => {
    await artifacts.receive(sha256(bytes), coming());
    return {};
  });
};

const work = async (log: LmdbLog): Promise<void> => {
  for (let round = 0; round < Number(rounds); round += 1) {
    // In one turn, so in one flush; the second takes pages of its own.
    await Promise.all([append(log, 'a', 1 + round, 100), append(log, 'b', 2, 5000)]);
    await put(`weights ${round} ${'w'.repeat(5000)}`);
    await receive(`more ${round} ${'m'.repeat(5000)}`);
    await put(`weights ${round} ${'w'.repeat(5000)}`);
    await attempt('sign', {}, () => notary.advance(log));
    await append(log, 'a', 3, 2000);
    await attempt('sign', {}, () => notary.advance(log));
  }
};

let log: LmdbLog | undefined;
await attempt('open', {}, async () => {
  log = await LmdbLog.open(places.log);
  return { head: log.head() };
});
if (log) {
  await work(log);
  await attempt('close', {}, async () => {
    await log?.close();
    return {};
  });
}
