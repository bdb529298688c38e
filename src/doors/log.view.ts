import { Int, ObjectType } from '@nestjs/graphql';
import type { Recorded } from '#ledger/log.js';
import { leafHash } from '#ledger/merkle.js';
import { pageOf } from './page.js';
import { Shown } from './shown.js';

/** One record as it lies in the log. Whoever hashes `canonical` themselves needs to believe nothing else. */
@ObjectType()
export class LogRecord {
  @Shown(() => Int, { description: 'its place in the whole log, from 1' })
  readonly position!: number;

  @Shown(() => String, { example: 'run-demo' })
  readonly stream!: string;

  @Shown(() => Int, { description: 'its place in the stream, from 0' })
  readonly revision!: number;

  @Shown(() => String, { example: 'VerdictReached' })
  readonly type!: string;

  @Shown(() => Int, { description: 'version of the shape of its data' })
  readonly version!: number;

  @Shown(() => String, { description: 'RFC 3339; metadata only: nothing is decided by it' })
  readonly recordedAt!: string;

  @Shown(() => String, { description: 'kind and id of who wrote it', example: 'human:ada' })
  readonly actor!: string;

  @Shown(() => String, { description: 'RFC 6962 leaf: SHA-256 of a zero byte and the canonical bytes, in hex' })
  readonly leafHash!: string;

  @Shown(() => String, { description: 'the whole record as RFC 8785 JSON: the very bytes that are stored and hashed' })
  readonly canonical!: string;
}

export class LogRecordPage extends pageOf(LogRecord) {}

/** The RFC 6962 tree over all records. */
@ObjectType()
export class LogHead {
  @Shown(() => Int, { description: 'records in the log' })
  readonly size!: number;

  @Shown(() => String, {
    description: 'RFC 6962 root over them, in hex; `verify --expect-size --expect-root` takes both',
  })
  readonly root!: string;
}

export const logRecord = ({ position, record, bytes }: Recorded): LogRecord => ({
  position,
  stream: record.stream,
  revision: record.revision,
  type: record.type,
  version: record.version,
  recordedAt: record.recordedAt,
  actor: `${record.actor.kind}:${record.actor.id}`,
  leafHash: Buffer.from(leafHash(bytes)).toString('hex'),
  canonical: Buffer.from(bytes).toString('utf8'),
});
