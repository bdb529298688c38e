/** Reads a whole log, as bytes, decoded and checked, beside JSON.parse alone of the same bytes; prints events a second of each. */
import { allEvents } from '#event-catalogue.js';
import type { Recorded } from '#ledger/log.js';
import { dataFolder } from '#store/data-folder.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { memoryOf } from '../service/measure.js';

const [data = ''] = process.argv.slice(2);
const kinds = new Map(allEvents.map((kind) => [kind.type, kind]));
/** So many texts are held in memory to be parsed. */
const MOST_TEXTS = 100_000;

const log = await LmdbLog.open(dataFolder(data).log, { readOnly: true });
const perSecond = (count: number, since: number): number => (1000 * count) / (performance.now() - since);

const throughLog = async (take: (recorded: Recorded) => void): Promise<number> => {
  const [before, count] = [performance.now(), log.head()];
  for await (const recorded of log.readAll()) take(recorded);
  return perSecond(count, before);
};

const bytes = await throughLog((recorded) => recorded.bytes);
const parsed = await throughLog((recorded) => recorded.record);
const checked = await throughLog(({ record }) => kinds.get(record.type)?.decode(record));
const { mostMb } = await memoryOf(process.pid);

const texts: Buffer[] = [];
for await (const recorded of log.readAll({ limit: MOST_TEXTS })) texts.push(Buffer.from(recorded.bytes));
const before = performance.now();
for (const text of texts) JSON.parse(text.toString('utf8'));
const parseAlone = perSecond(texts.length, before);
await log.close();
process.stdout.write(`${JSON.stringify({ bytes, parsed, checked, parseAlone, mostMb })}\n`);
