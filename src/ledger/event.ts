import type { z } from 'zod';

/** What a record carries of an event: a name, the version of its shape, and the data in that shape. */
export type StoredEvent = Readonly<{ type: string; version: number; data: unknown }>;

/** Data that does not have the shape its type and version promise. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent';
}

type Step = Readonly<{ schema: z.ZodType; up: ((older: never) => unknown) | undefined }>;

/** One kind of event: its name for ever, every shape it has had, and the way from each shape to the next. */
export class EventType<T extends string, D> {
  private constructor(
    readonly type: T,
    private readonly steps: readonly Step[],
  ) {}

  static first<T extends string, S extends z.ZodType>(type: T, schema: S): EventType<T, z.output<S>> {
    return new EventType(type, [{ schema, up: undefined }]);
  }

  /** Adds version n+1. The upcast is total: every older event has a place in the new shape. */
  next<S extends z.ZodType>(schema: S, up: (older: D) => z.output<S>): EventType<T, z.output<S>> {
    return new EventType(this.type, [...this.steps, { schema, up: up as (older: never) => unknown }]);
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
    return { type: this.type, version: this.version, data: this.parse(this.version, data) };
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
