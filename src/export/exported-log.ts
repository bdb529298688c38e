import { Log, type Filter, type ReadOptions, type Recorded } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';

export type Line = Readonly<{ position: number; bytes: Uint8Array }>;

const decoder = new TextDecoder();

const readOnly = (): never => {
  throw new TypeError('the records of an export are only read');
};

/** The records of an export as a log that ends with them. Those of other streams may be missing, and their positions. */
export class ExportedLog extends Log {
  private readonly all: Recorded[] = [];
  private readonly streams = new Map<string, Recorded[]>();

  constructor(lines: Iterable<Line>) {
    super();
    for (const { position, bytes } of lines) {
      const record = JSON.parse(decoder.decode(bytes)) as Record;
      const recorded = { position, bytes, record };
      this.all.push(recorded);
      const stream = this.streams.get(record.stream);
      if (stream) stream.push(recorded);
      else this.streams.set(record.stream, [recorded]);
    }
  }

  async *readStream(stream: string, options: ReadOptions = {}): AsyncGenerator<Recorded> {
    yield* within(this.streams.get(stream) ?? [], ({ record }) => record.revision, options);
  }

  async *readAll({ streamPrefix = '', types, ...options }: ReadOptions & Filter = {}): AsyncGenerator<Recorded> {
    const matching = this.all.filter(
      ({ record }) => record.stream.startsWith(streamPrefix) && (types?.includes(record.type) ?? true),
    );
    yield* within(matching, ({ position }) => position, options);
  }

  async withId(id: string): Promise<Recorded | undefined> {
    return this.all.find(({ record }) => record.id === id);
  }

  /** Where in the log a record stands; null where it is not here. */
  positionOf(stream: string, revision: number): number | null {
    return this.streams.get(stream)?.find(({ record }) => record.revision === revision)?.position ?? null;
  }

  async close(): Promise<void> {}

  append = readOnly;
  subscribe = readOnly;
}

const within = (
  recorded: readonly Recorded[],
  placeOf: (one: Recorded) => number,
  { from, direction = 'forward', limit = Infinity }: ReadOptions,
): readonly Recorded[] => {
  const ordered = direction === 'forward' ? recorded : recorded.toReversed();
  const least = from ?? (direction === 'forward' ? -Infinity : Infinity);
  const kept = ordered.filter((one) => (direction === 'forward' ? placeOf(one) >= least : placeOf(one) <= least));
  return kept.slice(0, limit);
};
