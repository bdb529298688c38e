import type { Identity } from '#doors/allow.js';
import { IdConflict, WrongExpectedRevision, type Expected, type Log, type Receipt } from '#ledger/log.js';
import type { Clock } from '#ledger/ports.js';
import { canonicalJson, parseRecord, RecordTooLarge, type Proposed, type Record } from '#ledger/record.js';
import { ExternalEventAppended } from './domain/events.js';
import { metadataOf } from './presented.js';
import type { Proposal } from './proposal.js';
import { Refusal } from './refusal.js';
import { textOf } from './wire.js';

/** Streams of other programs. */
const EXTERNAL = 'ext-';
/** Begins the name of the stream that holds a stream's metadata. */
const METADATA = '$$';
/** Data and metadata of one event of another program: as base64 in a record it must fit into 65,535 bytes. */
export const MOST_EXTERNAL_BYTES = 46 * 1024;
/** What would hide events, or promises a right that nothing here keeps. */
const REFUSED_KEYS = ['$maxAge', '$maxCount', '$tb', '$acl'];

/** Where the append ended: `position` is undefined where nothing was to be appended. */
export type Appended = Readonly<{ revision: number | 'no-stream'; position: number | undefined }>;

const isExternal = (stream: string): boolean =>
  stream.startsWith(EXTERNAL) || stream.startsWith(`${METADATA}${EXTERNAL}`);

const recordIn = (stream: string, { data }: Proposal): Record => {
  try {
    return parseRecord(data);
  } catch (error) {
    throw Refusal.denied(
      `${stream}: other programs write to streams whose names begin with "${EXTERNAL}"; here an event is a record of the ledger (${(error as Error).message})`,
    );
  }
};

/** A record as our own service sends it: it says itself where it belongs, and must come there. */
const ownRecord = (stream: string, revision: number, proposal: Proposal): Proposed => {
  const { stream: named, revision: stated, ...proposed } = recordIn(stream, proposal);
  const wrong =
    (named !== stream && `its stream is ${named}`) ||
    (stated !== revision && `its revision is ${stated}, due is ${revision}`) ||
    (proposed.id.toLowerCase() !== proposal.id.toLowerCase() && `its id is ${proposed.id}`) ||
    (proposed.type !== proposal.type && `its type is ${proposed.type}`) ||
    (proposal.metadata.length > 0 &&
      Buffer.compare(proposal.metadata, metadataOf({ ...proposed, stream, revision })) !== 0 &&
      'its metadata is not the one that is made from it');
  if (wrong) throw Refusal.malformed(`${stream}: event ${proposal.id}, ${proposal.type}: ${wrong}`);
  return proposed;
};

const ownRecords = (stream: string, expected: Expected, proposals: readonly Proposal[]): readonly Proposed[] => {
  proposals.forEach((proposal) => recordIn(stream, proposal));
  if (expected === 'any' || expected === 'stream-exists')
    throw Refusal.malformed(`${stream}: a record states its revision, so the exact revision must be expected`);
  const next = expected === 'no-stream' ? 0 : expected + 1;
  return proposals.map((proposal, at) => ownRecord(stream, next + at, proposal));
};

const checkMetadata = (stream: string, { type, data }: Proposal): void => {
  if (!stream.startsWith(METADATA)) {
    if (type.startsWith('$')) throw Refusal.denied(`${stream}: types that begin with "$" are the store's own`);
    return;
  }
  const stated: unknown = type === '$metadata' ? JSON.parse(textOf(data, 'the metadata')) : undefined;
  if (typeof stated !== 'object' || stated === null)
    throw Refusal.denied(`${stream}: it takes events of type $metadata with a JSON object`);
  const refused = REFUSED_KEYS.filter((key) => key in stated);
  if (refused.length > 0)
    throw Refusal.denied(
      `${stream}: ${refused.join(', ')}: nothing in the log is hidden or cut off, nor kept from a reader`,
    );
};

/** Carries out appends as the protocol asks for them. */
export class Appending {
  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** @throws WrongExpectedRevision, Refusal, and what the log throws */
  async append(who: Identity, stream: string, expected: Expected, proposals: readonly Proposal[]): Promise<Appended> {
    if (!who.roles.includes('operator')) throw Refusal.denied(`${who.id}: to append, the role operator is needed`);
    if (proposals.length === 0) return this.nothing(stream, expected);
    try {
      if (!isExternal(stream)) return await this.log.append(stream, expected, ownRecords(stream, expected, proposals));
      return await this.appendExternal(who, stream, expected, proposals);
    } catch (error) {
      if (error instanceof RecordTooLarge) throw Refusal.tooLarge(MOST_EXTERNAL_BYTES, error.message);
      throw error;
    }
  }

  private async nothing(stream: string, expected: Expected): Promise<Appended> {
    let actual: number | 'no-stream' = 'no-stream';
    for await (const { record } of this.log.readStream(stream, { direction: 'backward', limit: 1 }))
      actual = record.revision;
    const fits = expected === 'any' || expected === actual || (expected === 'stream-exists' && actual !== 'no-stream');
    if (!fits) throw new WrongExpectedRevision(stream, expected, actual);
    return { revision: actual, position: undefined };
  }

  private async appendExternal(
    who: Identity,
    stream: string,
    expected: Expected,
    proposals: readonly Proposal[],
  ): Promise<Receipt> {
    const propose = () => Promise.all(proposals.map((proposal) => this.external(who, stream, proposal)));
    try {
      return await this.log.append(stream, expected, await propose());
    } catch (error) {
      // The same append may have come twice at once: the second finds what the first has written.
      if (error instanceof IdConflict) return this.log.append(stream, expected, await propose());
      throw error;
    }
  }

  private async external(who: Identity, stream: string, proposal: Proposal): Promise<Proposed> {
    const { id, type, contentType, data, metadata } = proposal;
    if (data.length + metadata.length > MOST_EXTERNAL_BYTES)
      throw Refusal.tooLarge(MOST_EXTERNAL_BYTES, `${stream}: event ${id} has ${data.length + metadata.length} bytes`);
    checkMetadata(stream, proposal);
    const stored = ExternalEventAppended.encode({
      type,
      contentType,
      base64: Buffer.from(data).toString('base64'),
      ...(metadata.length > 0 && { metadataBase64: Buffer.from(metadata).toString('base64') }),
    });
    const before = (await this.log.withId(id))?.record;
    if (before?.type === stored.type && canonicalJson(before.data) === canonicalJson(stored.data)) {
      const { stream: _stream, revision: _revision, ...proposed } = before;
      return proposed;
    }
    return {
      id,
      type: stored.type,
      version: stored.version,
      recordedAt: this.clock.now(),
      actor: { kind: 'service', id: who.id, build: 'event_store.client' },
      causationId: id,
      correlationId: id,
      data: stored.data as Proposed['data'],
    };
  }
}
