import {
  BACKWARDS,
  END,
  ErrorType,
  EventStoreDBClient,
  FORWARDS,
  START,
  type AppendResult,
  type Credentials,
  type EventData,
  type ExpectedRevision,
  type Position,
  type RecordedEvent,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client';
import { kindOf, wordsOf } from './eventstore-trouble.js';

/** What was named is no connection string, or a file it names is not there. */
export class StoreAddressInvalid extends Error {
  override readonly name = 'StoreAddressInvalid';
}

const WITH_CREDENTIALS = /^(esdb(?:\+discover)?:\/\/)([^:/@]+):([^@]+)@/;

/** Shown to people: without the password. */
const shownOf = (address: string): string => address.trim().replace(WITH_CREDENTIALS, '$1');

/**
 * Credentials given with a call make the client send an append as a call of its own, with a deadline and an answer of its
 * own. Without encryption it sends none, whatever they are.
 */
const credentialsIn = (address: string): Credentials | undefined => {
  const [, , username = '', password = ''] = WITH_CREDENTIALS.exec(address.trim()) ?? [];
  if (username !== '') return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return /[?&]tls=false\b/i.test(address) ? { username: 'nobody', password: 'nobody' } : undefined;
};

/** A store and how it is reached: the calls that the log makes of it. */
export class EventStorePlace {
  private constructor(
    readonly shown: string,
    readonly client: EventStoreDBClient,
    private readonly credentials: Credentials | undefined,
  ) {}

  /** @throws StoreAddressInvalid */
  static of(address: string): EventStorePlace {
    const shown = shownOf(address);
    try {
      return new EventStorePlace(shown, EventStoreDBClient.connectionString(address), credentialsIn(address));
    } catch (error) {
      const words = wordsOf(error).replaceAll(address.trim(), shown);
      throw new StoreAddressInvalid(`${shown}: ${words}; the form is esdb://user:password@host:2113?tlsCAFile=ca.pem`);
    }
  }

  append(stream: string, events: EventData[], expectedRevision: ExpectedRevision): Promise<AppendResult> {
    const { credentials } = this;
    const options = { expectedRevision, requiresLeader: true, ...(credentials && { credentials }) };
    return this.client.appendToStream(stream, events, options);
  }

  readStream(stream: string, from: number, forward: boolean, maxCount: number): StreamingRead<ResolvedEvent> {
    const direction = forward ? FORWARDS : BACKWARDS;
    return this.client.readStream(stream, { direction, fromRevision: BigInt(from), maxCount, requiresLeader: true });
  }

  /** From a place on, or from the end where there is none. */
  readAll(from: Position | undefined, forward: boolean, most?: number): StreamingRead<ResolvedEvent> {
    const fromPosition = from ?? (forward ? START : END);
    const direction = forward ? FORWARDS : BACKWARDS;
    const limited = most === undefined ? {} : { maxCount: most };
    return this.client.readAll({ direction, fromPosition, requiresLeader: true, ...limited });
  }

  /** What a reading gives, until it ends, is left or the signal aborts; its call is then over too. */
  async *events(reading: StreamingRead<ResolvedEvent>, signal: AbortSignal): AsyncGenerator<RecordedEvent> {
    const end = (): void => void reading.destroy(signal.reason as Error);
    signal.addEventListener('abort', end, { once: true });
    try {
      const events = reading.iterator({ destroyOnReturn: false }) as AsyncIterable<ResolvedEvent>;
      for await (const { event } of events) if (event) yield event as RecordedEvent;
    } catch (error) {
      if (kindOf(error) !== ErrorType.STREAM_NOT_FOUND) throw error;
    } finally {
      signal.removeEventListener('abort', end);
      reading.on('error', () => undefined);
      await reading.cancel().catch(() => undefined);
      // The client forgets a call only when all of it was taken.
      reading.resume();
    }
  }
}
