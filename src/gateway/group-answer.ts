import persistent, {
  type GetInfoResp,
  type ReadResp,
  type SubscriptionInfo,
} from '@eventstore/db-client/generated/persistent_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Recorded } from '#ledger/log.js';
import type { Group } from './group.js';
import { EVERYTHING } from './group-options.js';
import { show } from './read-answer.js';

const { ReadResp: Response, SubscriptionInfo: Info } = persistent;

export const confirmed = (id: string): ReadResp =>
  new Response().setSubscriptionConfirmation(new Response.SubscriptionConfirmation().setSubscriptionId(id));

export const groupEvent = (recorded: Recorded, retries: number, structuredIds: boolean): ReadResp => {
  const event = show(new Response.ReadEvent.RecordedEvent(), recorded, structuredIds);
  const shown = new Response.ReadEvent().setEvent(event).setCommitPosition(String(recorded.position));
  if (retries > 0) shown.setRetryCount(retries);
  else shown.setNoRetryCount(new shared.Empty());
  return new Response().setEvent(shown);
};

type Consuming = Group['figures']['consumers'][number];

const connection = ({ name, who, from, busy, free, total }: Consuming): SubscriptionInfo.ConnectionInfo => {
  const info = new Info.ConnectionInfo().setConnectionName(name).setUsername(who).setFrom(from);
  info.setTotalItems(String(total)).setCountSinceLastMeasurement('0');
  return info.setAvailableSlots(free).setInFlightMessages(busy);
};

/** A place as the protocol writes it: both halves of a position, or a revision. */
const placeIn = (stream: string, at: number | 'end'): string => {
  const value = at === 'end' ? -1 : at;
  return stream === EVERYTHING ? `C:${value}/P:${value}` : String(value);
};

const described = (info: SubscriptionInfo, group: Group): SubscriptionInfo => {
  const { stream, settings, startFrom, checkpoint, parked } = group.state;
  const { lastKnown, inFlight, again, total } = group.figures;
  const lastKnownAt = lastKnown && (stream === EVERYTHING ? lastKnown.position : lastKnown.record.revision);
  info.setStartFrom(placeIn(stream, startFrom === 'start' ? 0 : startFrom));
  info.setLastKnownEventPosition(lastKnownAt === undefined ? '' : placeIn(stream, lastKnownAt));
  // Of a stream the revision would be meant, which a position in everything does not tell.
  info.setLastCheckpointedEventPosition(stream === EVERYTHING && checkpoint > 0 ? placeIn(stream, checkpoint) : '');
  info.setTotalItems(String(total)).setCountSinceLastMeasurement('0');
  info
    .setTotalInFlightMessages(inFlight)
    .setOutstandingMessagesCount(inFlight + again)
    .setRetryBufferCount(again);
  info.setLiveBufferCount('0').setParkedMessageCount(String(parked.length));
  info.setNamedConsumerStrategy(settings.strategy).setMaxSubscriberCount(settings.maxSubscriberCount);
  info.setMaxRetryCount(settings.maxRetryCount).setMessageTimeoutMilliseconds(settings.messageTimeoutMs);
  info.setExtraStatistics(settings.extraStatistics).setResolveLinkTos(settings.resolveLinks);
  info.setLiveBufferSize(settings.liveBufferSize).setBufferSize(settings.historyBufferSize);
  info.setReadBatchSize(settings.readBatchSize).setCheckPointAfterMilliseconds(settings.checkpointAfterMs);
  return info.setMinCheckPointCount(settings.minCheckpointCount).setMaxCheckPointCount(settings.maxCheckpointCount);
};

export const groupInfo = (group: Group): GetInfoResp => {
  const { stream, group: name } = group.state;
  const info = new Info().setEventSource(stream).setGroupName(name).setStatus('Live');
  info.setConnectionsList(group.figures.consumers.map(connection));
  return new persistent.GetInfoResp().setSubscriptionInfo(described(info, group));
};
