import { corpusEvents } from '#corpus/domain/events.js';
import { distillationStream } from '#distillation/domain/distillation.js';
import { BEGINNINGS, beginningIn } from '#experiment/domain/begun.js';
import { experimentStream } from '#experiment/domain/experiment.js';
import { plannedRuns, seedsFrom, type PlannedRun } from '#experiment/domain/planned-runs.js';
import type { Registration } from '#experiment/domain/registration.js';
import { decode } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { leafHex } from '#ledger/merkle.js';
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

/** Runs and distillations that began before a registration on the same general text: what whoever registered it may have seen. */
export const earlierRuns = async (log: Log, position: number, registration: Registration): Promise<Told['earlier']> => {
  const general = String(registration.distillation?.general ?? registration.run['general'] ?? 'english');
  const found: Told['earlier'][number][] = [];
  for await (const entry of log.readAll({ types: BEGINNINGS })) {
    if (entry.position >= position) break;
    const begun = beginningIn(entry.record);
    if (!begun || begun.general !== general) continue;
    found.push({ kind: begun.kind, name: begun.name, cite: placed(entry, begun).cite });
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

/** The distillation of each seed, which all arms of it share. */
const studentsOf = async (stretch: Stretch, planned: readonly PlannedRun[]): Promise<Told['students']> => {
  const found: Told['students'][number][] = [];
  for (const { run, number, seed } of planned.filter(
    ({ run: name }, at) => planned.findIndex((one) => one.run === name) === at,
  )) {
    const events = await streamOf(stretch, `${distillationStream.name}-${run}`, ({ record }) =>
      decode(distillationStream.events, record),
    );
    found.push({ planned: { run, number, seed }, events });
  }
  return found;
};

/** Leaf hash of the record of a registration, hex; undefined where there is none. */
const leafOf = async ({ log, before }: Stretch, id: string): Promise<string | undefined> => {
  for await (const { position, bytes } of log.readStream(`${experimentStream.name}-${id}`)) {
    return position < before ? leafHex(bytes) : undefined;
  }
  return undefined;
};

/**
 * What the log says of an experiment; undefined where it is not registered there.
 * @param before as the log was before this position
 */
export const readTold = async (log: Log, id: string, before = Infinity): Promise<Told | undefined> => {
  const stretch = { log, before };
  let leaf: string | undefined;
  const experiment = await streamOf(stretch, `${experimentStream.name}-${id}`, ({ record, bytes }) => {
    leaf ??= leafHex(bytes);
    return decode(experimentStream.events, record);
  });
  const [first] = experiment;
  if (!first || leaf === undefined) return undefined;
  const { registration } = registeredIn({ experiment });
  const theirs = registration.pairedWith === undefined ? leaf : await leafOf(stretch, seedsFrom(registration));
  const all = plannedRuns(registration, theirs ?? leaf);
  const runs: ToldRun[] = [];
  for (const planned of registration.distillation ? [] : all) {
    const events = await streamOf(stretch, `${runStream.name}-${planned.run}`, ({ record }) =>
      decode(runEvents, record),
    );
    runs.push({ planned, events });
  }
  return {
    experiment,
    leaf,
    runs,
    students: registration.distillation ? await studentsOf(stretch, all) : [],
    earlier: await earlierRuns(log, first.cite.position, registration),
    trainBytes: await trainBytesIn(stretch),
  };
};
