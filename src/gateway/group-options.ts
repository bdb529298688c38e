import type { CreateReq } from '@eventstore/db-client/generated/persistent_pb.js';
import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import { groupSettingsSchema, type GroupSettings, type SavedGroup } from './domain/groups.js';
import { statedIn } from './filter.js';
import { Refusal } from './refusal.js';
import { safe, streamOf } from './wire.js';

export const EVERYTHING = '$all';
/** What older clients mean by the end, in a field that has no other way to say it. */
const END = (2n ** 64n - 1n).toString();

type Named = Readonly<{
  hasAll(): boolean;
  getStreamIdentifier(): StreamIdentifier | undefined;
  getGroupName(): string;
}>;

export type GroupName = Readonly<{ stream: string; group: string }>;

/** @throws Refusal */
export const nameOf = (options: Named | undefined): GroupName => {
  const group = options?.getGroupName() ?? '';
  if (!options || group === '') throw Refusal.malformed('the name of the group is missing');
  return { stream: options.hasAll() ? EVERYTHING : streamOf(options.getStreamIdentifier()), group };
};

const STRATEGIES = ['DispatchToSingle', 'RoundRobin', 'Pinned'];

const settingsOf = (settings: CreateReq.Settings): GroupSettings => {
  const strategy = settings.getConsumerStrategy() || STRATEGIES[settings.getNamedConsumerStrategy()];
  const parsed = groupSettingsSchema.safeParse({
    strategy,
    maxRetryCount: settings.getMaxRetryCount(),
    messageTimeoutMs: settings.getMessageTimeoutMs(),
    maxSubscriberCount: settings.getMaxSubscriberCount(),
    extraStatistics: settings.getExtraStatistics(),
    resolveLinks: settings.getResolveLinks(),
    liveBufferSize: settings.getLiveBufferSize(),
    historyBufferSize: settings.getHistoryBufferSize(),
    readBatchSize: settings.getReadBatchSize(),
    checkpointAfterMs: settings.getCheckpointAfterMs(),
    minCheckpointCount: settings.getMinCheckpointCount(),
    maxCheckpointCount: settings.getMaxCheckpointCount(),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw Refusal.malformed(`settings: ${issue?.path.join('.')}: ${issue?.message}`);
};

type From = SavedGroup['startFrom'];

const fromInAll = (all: CreateReq.AllOptions): From => {
  if (all.hasStart()) return 'start';
  return all.hasEnd() ? 'end' : safe(all.getPosition()?.getCommitPosition() ?? '0');
};

const fromInStream = (options: CreateReq.Options): From => {
  const stream = options.getStream();
  if (stream?.hasStart()) return 'start';
  if (stream?.hasEnd()) return 'end';
  const revision = stream ? stream.getRevision() : (options.getSettings()?.getRevision() ?? '0');
  if (revision === END) return 'end';
  return revision === '0' ? 'start' : safe(revision);
};

/** A group that is asked for. @throws Refusal */
export const groupOf = (options: CreateReq.Options | undefined): Omit<SavedGroup, 'checkpoint' | 'parked'> => {
  const settings = options?.getSettings();
  if (!options || !settings) throw Refusal.malformed('the settings of the group are missing');
  const all = options.getAll();
  const identifier = options.getStream()?.getStreamIdentifier() ?? options.getStreamIdentifier();
  const named = {
    hasAll: () => all !== undefined,
    getStreamIdentifier: () => identifier,
    getGroupName: () => options.getGroupName(),
  };
  const filter = all && statedIn(all.getFilter());
  return {
    ...nameOf(named),
    settings: settingsOf(settings),
    startFrom: all ? fromInAll(all) : fromInStream(options),
    ...(filter && { filter }),
  };
};
