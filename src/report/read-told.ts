import { corpusEvents } from '#corpus/domain/events.js';
import { experimentStream } from '#experiment/domain/experiment.js';
import { plannedRuns } from '#experiment/domain/planned-runs.js';
import { decode } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { leafHash } from '#ledger/merkle.js';
import { recordBytes } from '#ledger/record.js';
import { runEvents } from '#run/domain/events.js';
import { runStream } from '#run/domain/run.js';
import { registeredIn, type Placed, type Told, type ToldRun } from './domain/told.js';

/** Everything that a report reads before it; the rest of the log may be anything. */
type Stretch = Readonly<{ log: Log; before: number }>;

const placed = <E>({ position, record }: Recorded, event: E): Placed<E> => ({
  event,
  cite: { stream: record.stream, revision: record.revision, position },
  at: record.recordedAt,
  by: record.actor.id,
});

const streamOf = async <E>(
  { log, before }: Stretch,
  stream: string,
  read: (entry: Recorded) => E,
): Promise<readonly Placed<E>[]> => {
  const found: Placed<E>[] = [];
  for await (const entry of log.readStream(stream)) {
    if (entry.position >= before) break;
    found.push(placed(entry, read(entry)));
  }
  return found;
};

/** Runs that began before a position on the same general text. */
const earlierRuns = async (log: Log, position: number, general: string): Promise<Told['earlier']> => {
  const found: { run: string; cite: Placed<unknown>['cite'] }[] = [];
  for await (const entry of log.readAll({ types: ['RunStarted'] })) {
    if (entry.position >= position) break;
    const event = decode(runEvents, entry.record);
    if (event.type !== 'RunStarted' || event.data.config.general !== general) continue;
    found.push({ run: event.data.config.run, cite: placed(entry, event).cite });
  }
  return found;
};

const trainBytesIn = async ({ log, before }: Stretch): Promise<Told['trainBytes']> => {
  const bytes = new Map<string, number>();
  for await (const { position, record } of log.readAll({ types: ['CorpusRegistered'] })) {
    if (position >= before) break;
    const { corpus, splits } = decode(corpusEvents, record).data;
    bytes.set(corpus, splits.train.bytes);
  }
  return bytes;
};

/**
 * What the log says of an experiment; undefined where it is not registered there.
 * @param before as the log was before this position
 */
export const readTold = async (log: Log, id: string, before = Infinity): Promise<Told | undefined> => {
  const stretch = { log, before };
  let leaf = '';
  const experiment = await streamOf(stretch, `${experimentStream.name}-${id}`, ({ record }) => {
    if (record.revision === 0) leaf = Buffer.from(leafHash(recordBytes(record))).toString('hex');
    return decode(experimentStream.events, record);
  });
  const [first] = experiment;
  if (!first) return undefined;
  const { registration } = registeredIn({ experiment });
  const runs: ToldRun[] = [];
  for (const planned of plannedRuns(registration, leaf)) {
    const events = await streamOf(stretch, `${runStream.name}-${planned.run}`, ({ record }) =>
      decode(runEvents, record),
    );
    runs.push({ planned, events });
  }
  const general = String(registration.run['general'] ?? 'english');
  return {
    experiment,
    leaf,
    runs,
    earlier: await earlierRuns(log, first.cite.position, general),
    trainBytes: await trainBytesIn(stretch),
  };
};
