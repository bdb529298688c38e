import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected } from '#ledger/log.js';
import { Refusal } from './refusal.js';
import { idOf, safe } from './wire.js';

/** An event that a client wants appended. */
export type Proposal = Readonly<{
  id: string;
  type: string;
  contentType: 'application/json' | 'application/octet-stream';
  data: Uint8Array;
  metadata: Uint8Array;
}>;

/** All events of one append, together. */
export const MOST_APPEND_BYTES = 1024 * 1024;

const proposalOf = (message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): Proposal => {
  const properties = message.getMetadataMap();
  const type = properties.get('type');
  const contentType = properties.get('content-type');
  if (!type) throw Refusal.missingProperty('type');
  if (!contentType) throw Refusal.missingProperty('content-type');
  return {
    id: idOf(message.getId()),
    type,
    contentType: contentType === 'application/json' ? contentType : 'application/octet-stream',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
};

/** The events of one append as they come, up to the most that is taken. */
export class Proposals {
  readonly list: Proposal[] = [];
  bytes = 0;

  /** @throws Refusal */
  add(message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): void {
    const proposal = proposalOf(message);
    this.bytes += proposal.data.length + proposal.metadata.length + Buffer.byteLength(proposal.type);
    if (this.bytes > MOST_APPEND_BYTES)
      throw Refusal.tooLarge(MOST_APPEND_BYTES, `the append has ${this.bytes} bytes or more`);
    this.list.push(proposal);
  }
}

type Stated = Readonly<{ hasAny(): boolean; hasNoStream(): boolean; hasStreamExists(): boolean }>;

/** What a writer expects; `revision` is asked for only where it is stated. */
export const expectedOf = (stated: Stated, revision: () => string): Expected => {
  if (stated.hasAny()) return 'any';
  if (stated.hasNoStream()) return 'no-stream';
  return stated.hasStreamExists() ? 'stream-exists' : safe(revision());
};
