import type { z } from 'zod';

/** What a record carries of an event: a name, the version of its shape, and the data in that shape. */
export type StoredEvent = Readonly<{ type: string; version: number; data: unknown }>;

/** Data that does not have the shape its type and version promise. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent';
}

type Way = (from: never) => unknown;
type Step = Readonly<{ schema: z.ZodType; up: Way | undefined; down: Way | undefined }>;

/** One kind of event: its name for ever, every shape it has had, and the way from each shape to the next. */
export class EventType<T extends string, D> {
  private constructor(
    readonly type: T,
    private readonly steps: readonly Step[],
  ) {}

  static first<T extends string, S extends z.ZodType>(type: T, schema: S): EventType<T, z.output<S>> {
    return new EventType(type, [{ schema, up: undefined, down: undefined }]);
  }

  /**
   * Adds version n+1. The upcast is total: every older event has a place in the new shape.
   * @param down the same in the older shape; undefined where that cannot say all of it. An event is written in the oldest
   * shape that says it, so that what was recorded before a shape grew is replayed to the same bytes
   */
  next<S extends z.ZodType>(
    schema: S,
    up: (older: D) => z.output<S>,
    down?: (newer: z.output<S>) => D | undefined,
  ): EventType<T, z.output<S>> {
    return new EventType(this.type, [...this.steps, { schema, up: up as Way, down: down as Way | undefined }]);
  }

  get version(): number {
    return this.steps.length;
  }

  /** The schema of every version, first to latest. */
  get schemas(): readonly z.ZodType[] {
    return this.steps.map((step) => step.schema);
  }

  of(data: D): Event<T, D> {
    return { type: this.type, data };
  }

  /** Checks data about to be written against the latest shape. */
  encode(data: unknown): StoredEvent {
    let [version, shaped] = [this.version, this.parse(this.version, data)];
    for (; version > 1; version -= 1) {
      const older = this.steps[version - 1]?.down?.(shaped as never);
      if (older === undefined) break;
      shaped = this.parse(version - 1, older);
    }
    return { type: this.type, version, data: shaped };
  }

  /** Reads any stored version as the latest shape. */
  decode(stored: StoredEvent): Event<T, D> {
    let data = this.parse(stored.version, stored.data);
    for (const step of this.steps.slice(stored.version)) data = step.up?.(data as never);
    return { type: this.type, data: data as D };
  }

  private parse(version: number, data: unknown): unknown {
    const step = this.steps[version - 1];
    if (!step)
      throw new MalformedEvent(`${this.type}: version ${version} is unknown, this build reads 1 to ${this.version}`);
    const result = step.schema.safeParse(data);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw new MalformedEvent(
      `${this.type} v${version}: data.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`,
    );
  }
}

export type Event<T extends string, D> = Readonly<{ type: T; data: D }>;
export type EventOf<E> = E extends EventType<infer T, infer D> ? Event<T, D> : never;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyEventType = EventType<string, any>;
export const event = EventType.first;
