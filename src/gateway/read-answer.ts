import streams, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Recorded } from '#ledger/log.js';
import { presented } from './presented.js';
import { identifierOf, ticksOf, uuidOf } from './wire.js';

const { ReadResp: Response } = streams;

export const eventAnswer = (recorded: Recorded, structuredIds: boolean): ReadResp => {
  const { position, record } = recorded;
  const { type, contentType, data, metadata } = presented(recorded);
  const place = String(position);
  const event = new Response.ReadEvent.RecordedEvent();
  event.setId(uuidOf(record.id, structuredIds)).setStreamIdentifier(identifierOf(record.stream));
  event.setStreamRevision(String(record.revision)).setCommitPosition(place).setPreparePosition(place);
  event.setData(data).setCustomMetadata(metadata);
  const properties = event.getMetadataMap();
  properties.set('type', type);
  properties.set('content-type', contentType);
  properties.set('created', ticksOf(record.recordedAt));
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
