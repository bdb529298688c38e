import { outcomeDigest } from '#ledger/digest.js';
import { streamName, type Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import type { Proposed, Record } from '#ledger/record.js';
import { runStream } from '#run/domain/run.js';
import { commitment } from '#suite/shadow-seed.js';

type Data = Record['data'];
type Appending = { stream: string; events: Proposed[] };

/** A value with every name of the run, of its suites and of its stream exchanged for those of the copy. */
const renamed = (value: unknown, from: string, to: string): unknown => {
  if (typeof value === 'string') {
    const before = ['', `${runStream.name}-`].find((prefix) => value === `${prefix}${from}`);
    if (before !== undefined) return before + to;
    return value.startsWith(`${from}-`) ? to + value.slice(from.length) : value;
  }
  if (Array.isArray(value)) return value.map((item) => renamed(item, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, from, to)]));
};

/** The records of a run and of its suites, in log order. */
export const recordsOf = async (log: Log, run: string): Promise<readonly Record[]> => {
  const records: Record[] = [];
  for await (const { record } of log.readAll())
    if (record.stream === streamName(runStream, run) || record.stream.startsWith(`suite-${run}-`)) records.push(record);
  return records;
};

/** What depends on the names that were exchanged: the seal of a suite, and the root over what a verdict cites. */
const consistent = (type: string, data: Data, cited: (revision: number) => Record): Data => {
  if (type === 'ProbeSuiteSealed')
    return { ...data, seedCommitment: commitment(String(data['suite']), String(data['itemsArtifact'])) };
  if (type !== 'VerdictReached') return data;
  const cites = data['cites'] as readonly { revision: number }[];
  const leaves = cites.map(({ revision }) => leafHash(Buffer.from(outcomeDigest(cited(revision)), 'hex')));
  return { ...data, evidenceRoot: Buffer.from(merkleRoot(leaves)).toString('hex') };
};

/** The same run under another name, with ids and times of its own, as appends in their order. */
const copyOf = (records: readonly Record[], from: string, to: string, { clock, ids }: Ledger): readonly Appending[] => {
  const names = new Map(records.map(({ id }) => [id, ids.next()]));
  const written = new Map<number, Record>();
  const appends: Appending[] = [];
  for (const { stream: source, revision, ...record } of records) {
    const isRun = source === streamName(runStream, from);
    const stream = isRun ? streamName(runStream, to) : source.replace(`suite-${from}-`, `suite-${to}-`);
    const own = consistent(
      record.type,
      renamed(record.data, from, to) as Data,
      (cited) => written.get(cited) as Record,
    );
    const proposed = {
      ...record,
      id: names.get(record.id) as string,
      recordedAt: clock.now(),
      causationId: names.get(record.causationId) ?? (names.get(record.id) as string),
      correlationId: names.get(record.correlationId) ?? (names.get(record.id) as string),
      data: own,
    };
    if (isRun) written.set(revision, { ...proposed, stream, revision });
    const last = appends.at(-1);
    if (last?.stream === stream) last.events.push(proposed);
    else appends.push({ stream, events: [proposed] });
  }
  return appends;
};

/** Writes the same run under other names, many appends to one flush of the disk. */
export const writeCopies = async (
  ledger: Ledger,
  records: readonly Record[],
  from: string,
  names: readonly string[],
): Promise<void> => {
  const TOGETHER = 20;
  for (let at = 0; at < names.length; at += TOGETHER) {
    const appends = names.slice(at, at + TOGETHER).flatMap((name) => copyOf(records, from, name, ledger));
    await Promise.all(appends.map(({ stream, events }) => ledger.log.append(stream, 'any', events)));
  }
};
