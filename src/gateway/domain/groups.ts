import { z } from 'zod';

const count = z.int().nonnegative();

export const groupSettingsSchema = z.strictObject({
  strategy: z.enum(['RoundRobin', 'DispatchToSingle']),
  maxRetryCount: count,
  messageTimeoutMs: count,
  /** 0: any number. */
  maxSubscriberCount: count,
  extraStatistics: z.boolean(),
  resolveLinks: z.boolean(),
  liveBufferSize: count,
  historyBufferSize: count,
  readBatchSize: count,
  checkpointAfterMs: count,
  minCheckpointCount: count,
  maxCheckpointCount: count,
});
export type GroupSettings = Readonly<z.output<typeof groupSettingsSchema>>;

/** A group of consumers that share the events of a stream, or of everything (`$all`), and how far they have come. */
export const savedGroupSchema = z.strictObject({
  stream: z.string().min(1),
  group: z.string().min(1),
  settings: groupSettingsSchema,
  /** As it was asked for: `start`, `end`, a revision of the stream, or a position in everything. */
  startFrom: z.union([z.literal('start'), z.literal('end'), count]),
  filter: z
    .strictObject({ by: z.enum(['stream', 'type']), regex: z.string(), prefixes: z.array(z.string()) })
    .optional(),
  /** Every event up to this position is done with. */
  checkpoint: count,
  /** Positions of events that were set aside. */
  parked: z.array(count),
});
export type SavedGroup = Readonly<z.output<typeof savedGroupSchema>>;

/** Keeps the groups over a restart. */
export interface GroupBook {
  load(): Promise<readonly SavedGroup[]>;
  /** All of them or, when it fails, those of before. */
  save(groups: readonly SavedGroup[]): Promise<void>;
}
