/**
 * A writer to be killed: opens the log of a folder and lets several writers append groups of events until it dies or the
 * disk refuses. Prints one JSON line for each acknowledged append, and what it could still do after a refusal.
 */
import { LogUnwritable } from '#ledger/log.js';
import { CountedIds } from '#store/counted-ids.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { group } from './appended.js';

const [folder = '', firstId = '1', padding = '0'] = process.argv.slice(2);
const ids = new CountedIds(Number(firstId));
const log = await LmdbLog.open(folder);
const say = (line: unknown): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

const write = async (stream: string): Promise<void> => {
  for (let round = 0; ; round += 1) {
    const events = group(ids, 1 + (round % 4), Number(padding));
    const receipt = await log.append(stream, 'any', events);
    say({ ...receipt, ids: events.map(({ id }) => id) });
  }
};

say({ opened: log.head() });
try {
  await Promise.all(['a', 'b', 'c', 'd'].map(write));
} catch (error) {
  if (!(error instanceof LogUnwritable)) throw error;
  let readable = 0;
  for await (const { position } of log.readAll()) readable = position;
  say({ refused: error.message, readable });
  await new Promise<void>((resolve) => process.stdin.once('data', () => resolve()));
  const later = await log.append('e', 'any', group(ids, 1, 0)).catch((refusal: Error) => refusal.name);
  say({ later });
  process.exit();
}
