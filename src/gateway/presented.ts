import type { Recorded } from '#ledger/log.js';
import { canonicalJson } from '#ledger/record.js';
import { ExternalEventAppended } from './domain/events.js';

/** A record as clients of the protocol see it. */
export type Presented = Readonly<{
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}>;

const JSON_TYPE = 'application/json';

/** What clients and projections of that protocol look for, made from the record. */
export const metadataOf = ({ causationId, correlationId }: Recorded['record']): Uint8Array =>
  Buffer.from(canonicalJson({ $causationId: causationId, $correlationId: correlationId }));

/** Our own records are shown whole, in the bytes that are hashed; others' events as they were written. */
export const presented = ({ record, bytes }: Recorded): Presented => {
  if (record.type !== ExternalEventAppended.type)
    return { type: record.type, contentType: JSON_TYPE, data: bytes, metadata: metadataOf(record) };
  const { type, contentType, base64, metadataBase64 = '' } = ExternalEventAppended.decode(record).data;
  return { type, contentType, data: Buffer.from(base64, 'base64'), metadata: Buffer.from(metadataBase64, 'base64') };
};
