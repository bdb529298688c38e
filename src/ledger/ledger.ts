import type { Decision, Stream } from './decider.js';
import { MalformedEvent, type AnyEventType, type EventOf } from './event.js';
import { foldsOf, type Folded } from './folds.js';
import { IdConflict, WrongExpectedRevision, type Log, type Receipt, type Recorded } from './log.js';
import type { Clock, Ids } from './ports.js';
import type { Actor, Proposed, Record } from './record.js';

/** What every write needs: the log and the ports that stamp a record. */
export class Ledger {
  constructor(
    readonly log: Log,
    readonly clock: Clock,
    readonly ids: Ids,
  ) {}
}

/** A command that its sender named: `correlationId` is that name, `id` the name and everything the command says. */
export type CommandId = Readonly<{ id: string; correlationId: string }>;

/**
 * Who writes, and carrying out which named command: its id is then the cause of what is appended. Without one each event is
 * its own cause. The first event's id correlates all that are appended with it; a named command gives it its name, so that
 * the log can be asked in one step what a name was used for.
 */
export type By = Readonly<{ actor: Actor; command?: CommandId }>;

/** A command's name that was used before, for something else. */
export class CommandConflict extends Error {
  override readonly name = 'CommandConflict';
}

export const streamName = (stream: Pick<Stream<unknown, AnyEventType>, 'name'>, id: string): string =>
  id === '' ? stream.name : `${stream.name}-${id}`;

/** Reads a record of a stream as the latest shape of its event. */
export const decode = <E extends AnyEventType>(events: readonly E[], record: Record): EventOf<E> => {
  const kind = events.find((candidate) => candidate.type === record.type);
  if (!kind) throw new MalformedEvent(`${record.stream}: this build does not know the event ${record.type}`);
  return kind.decode(record) as EventOf<E>;
};

export const collect = async (recorded: AsyncIterable<Recorded>): Promise<readonly Record[]> => {
  const records: Record[] = [];
  for await (const { record } of recorded) records.push(record);
  return records;
};

/** Present state of a stream. */
export const fold = async <S, E extends AnyEventType>(
  log: Log,
  stream: Stream<S, E>,
  id: string,
): Promise<Folded<S>> => {
  const [name, folds] = [streamName(stream, id), foldsOf(log)];
  const last = folds.last<S>(name, stream) ?? { state: stream.initial, revision: 'no-stream', records: [] };
  const from = last.revision === 'no-stream' ? 0 : last.revision + 1;
  const further = await collect(log.readStream(name, { from }));
  if (further.length === 0) return last;
  const state = further.reduce<S>((s, record) => stream.evolve(s, decode(stream.events, record)), last.state);
  const folded = { state, revision: further.at(-1)?.revision ?? last.revision, records: [...last.records, ...further] };
  folds.keep(name, stream, folded);
  return folded;
};

const usedForAnother = (): CommandConflict =>
  new CommandConflict('the same key was used for another command; a key belongs to one request and its repetitions');

/** Whether a named command is in the stream already. @throws CommandConflict */
export const isCarriedOut = (records: readonly Record[], command: CommandId): boolean => {
  const named = records.filter(({ correlationId }) => correlationId === command.correlationId);
  if (named.some(({ causationId }) => causationId === command.id)) return true;
  if (named.length === 0) return false;
  throw usedForAnother();
};

/** Whether a named command has written anything, in whichever stream. @throws CommandConflict */
export const hasWritten = async (log: Log, { id, correlationId }: CommandId): Promise<boolean> => {
  const first = await log.withId(correlationId);
  if (first && first.record.causationId !== id) throw usedForAnother();
  return first !== undefined;
};

type Given = Readonly<{ id: string; first: string | undefined }>;

const propose = (ledger: Ledger, by: By, kind: AnyEventType, data: unknown, { id, first }: Given): Proposed => {
  const stored = kind.encode(data);
  return {
    id,
    type: stored.type,
    version: stored.version,
    recordedAt: ledger.clock.now(),
    actor: by.actor,
    causationId: by.command?.id ?? id,
    correlationId: by.command?.correlationId ?? first ?? id,
    data: stored.data as Record['data'],
  };
};

/** Times a decision is taken anew because another writer was faster: each time somebody got on, so this ends. */
const MOST_TRIES = 50;

/**
 * Read, fold, decide, append with the revision read; where somebody was faster, all of it again. Every write in the system
 * is this function. A decision that yields no event, or a named command that the stream has carried out already, writes
 * nothing and returns undefined.
 * @throws Refused when the state does not allow it, CommandConflict when the command's name was used for another, in
 *   whichever stream, WrongExpectedRevision when others were faster every time
 */
export const decide = async <S, E extends AnyEventType>(
  ledger: Ledger,
  stream: Stream<S, E>,
  id: string,
  decision: Decision<S, E>,
  by: By,
): Promise<Receipt | undefined> => {
  for (let tried = 1; ; tried += 1) {
    const { state, revision, records } = await fold(ledger.log, stream, id);
    const { command } = by;
    if (command && isCarriedOut(records, command)) return undefined;
    const name = command && !(await hasWritten(ledger.log, command)) ? command.correlationId : undefined;
    const proposed: Proposed[] = [];
    for (const fact of decision(state)) {
      const kind = stream.events.find((candidate) => candidate.type === fact.type);
      if (!kind) throw new MalformedEvent(`${stream.name}: ${fact.type} is not an event of this stream`);
      const first = proposed[0]?.id;
      const own = first === undefined && name !== undefined ? name : ledger.ids.next();
      proposed.push(propose(ledger, by, kind, fact.data, { id: own, first }));
    }
    if (proposed.length === 0) return undefined;
    try {
      return await ledger.log.append(streamName(stream, id), revision, proposed);
    } catch (error) {
      const faster = error instanceof WrongExpectedRevision || (name !== undefined && error instanceof IdConflict);
      if (!faster || tried === MOST_TRIES) throw error;
    }
  }
};
