import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Recorded } from '#ledger/log.js';
import { presented } from './presented.js';
import { identifierOf, ticksOf, uuidOf } from './wire.js';

const { ReadResp: Response } = streams;

/** An event as each of the two services that show events has it. */
type Shown = Readonly<{
  setId(id: UUID): unknown;
  setStreamIdentifier(stream: StreamIdentifier): unknown;
  setStreamRevision(revision: string): unknown;
  setCommitPosition(position: string): unknown;
  setPreparePosition(position: string): unknown;
  setData(data: Uint8Array): unknown;
  setCustomMetadata(metadata: Uint8Array): unknown;
  getMetadataMap(): Readonly<{ set(name: string, value: string): unknown }>;
}>;

export const show = <T extends Shown>(event: T, recorded: Recorded, structuredIds: boolean): T => {
  const { position, record } = recorded;
  const { type, contentType, data, metadata } = presented(recorded);
  event.setId(uuidOf(record.id, structuredIds));
  event.setStreamIdentifier(identifierOf(record.stream));
  event.setStreamRevision(String(record.revision));
  event.setCommitPosition(String(position));
  event.setPreparePosition(String(position));
  event.setData(data);
  event.setCustomMetadata(metadata);
  const properties = event.getMetadataMap();
  properties.set('type', type);
  properties.set('content-type', contentType);
  properties.set('created', ticksOf(record.recordedAt));
  return event;
};

export const eventAnswer = (recorded: Recorded, structuredIds: boolean): ReadResp => {
  const event = show(new Response.ReadEvent.RecordedEvent(), recorded, structuredIds);
  const place = String(recorded.position);
  return new Response().setEvent(new Response.ReadEvent().setEvent(event).setCommitPosition(place));
};

export const confirmation = (id: string): ReadResp =>
  new Response().setConfirmation(new Response.SubscriptionConfirmation().setSubscriptionId(id));

export const caughtUp = (): ReadResp => new Response().setCaughtUp(new Response.CaughtUp());

export const checkpoint = (position: number): ReadResp => {
  const place = String(position);
  return new Response().setCheckpoint(new Response.Checkpoint().setCommitPosition(place).setPreparePosition(place));
};

export const streamNotFound = (stream: string): ReadResp =>
  new Response().setStreamNotFound(new Response.StreamNotFound().setStreamIdentifier(identifierOf(stream)));
