import { status } from '@grpc/grpc-js';
import google from 'google-protobuf/google/protobuf/any_pb.js';
import googleEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import rpc, { type Status } from '@eventstore/db-client/generated/status_pb.js';
import streams, { type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { WrongExpectedRevision } from '#ledger/log.js';
import type { Appended } from './appending.js';
import { MOST_APPEND_BYTES } from './proposal.js';
import { refusalOf } from './refusal.js';
import { identifierOf, uuidOf } from './wire.js';

/** A batched append came to its deadline. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

type Message = Readonly<{ serializeBinary(): Uint8Array }>;

const statusOf = (code: status, message: string, type: string, details: Message): Status => {
  const any = new google.Any();
  any.pack(details.serializeBinary(), `event_store.client.${type}`);
  return new rpc.Status()
    .setCode(code as number)
    .setMessage(message)
    .setDetails(any);
};

const wrongVersion = ({ message, expected, actual }: WrongExpectedRevision): Status => {
  const wrong = new shared.WrongExpectedVersion();
  if (actual === 'no-stream') wrong.setCurrentNoStream(new googleEmpty.Empty());
  else wrong.setCurrentStreamRevision(String(actual));
  if (expected === 'any') wrong.setExpectedAny(new googleEmpty.Empty());
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new googleEmpty.Empty());
  else if (expected === 'stream-exists') wrong.setExpectedStreamExists(new googleEmpty.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return statusOf(status.ALREADY_EXISTS, message, 'WrongExpectedVersion', wrong);
};

/** An error as the answer to one append of a batch has it. */
const failureOf = (error: unknown): Status => {
  if (error instanceof WrongExpectedRevision) return wrongVersion(error);
  if (error instanceof DeadlinePassed)
    return statusOf(status.DEADLINE_EXCEEDED, error.message, 'Timeout', new shared.Timeout());
  const { code, details, metadata } = refusalOf(error);
  const [kind] = metadata.get('exception');
  if (kind === 'access-denied') return statusOf(code, details, 'AccessDenied', new shared.AccessDenied());
  if (kind === 'maximum-append-size-exceeded') {
    const [most = MOST_APPEND_BYTES] = metadata.get('maximum-append-size');
    const exceeded = new shared.MaximumAppendSizeExceeded();
    return statusOf(code, details, 'MaximumAppendSizeExceeded', exceeded.setMaxappendsize(Number(most)));
  }
  if (code === status.INVALID_ARGUMENT) {
    return statusOf(code, details, 'BadRequest', new shared.BadRequest().setMessage(details));
  }
  return statusOf(code, details, 'Unknown', new shared.Unknown());
};

const successOf = ({ revision, position }: Appended): BatchAppendResp.Success => {
  const success = new streams.BatchAppendResp.Success();
  if (revision === 'no-stream') success.setNoStream(new googleEmpty.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) return success.setNoPosition(new googleEmpty.Empty());
  const place = new shared.AllStreamPosition();
  return success.setPosition(place.setCommitPosition(String(position)).setPreparePosition(String(position)));
};

/** The one answer to an append of a batch. */
export const batchAnswer = (correlation: string, stream: string, outcome: Appended | Error): BatchAppendResp => {
  const response = new streams.BatchAppendResp();
  response.setCorrelationId(uuidOf(correlation)).setStreamIdentifier(identifierOf(stream));
  return outcome instanceof Error ? response.setError(failureOf(outcome)) : response.setSuccess(successOf(outcome));
};
