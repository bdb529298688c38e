import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { filterOf, type Filter } from './filter.js';
import { Refusal } from './refusal.js';
import { safe, streamOf } from './wire.js';

type Options = ReadReq.Options;

/** What is to be read, from which revision (of a stream) or position (of everything). */
export type Asked = Readonly<{
  /** Undefined: everything. */
  stream: string | undefined;
  from: number | 'start' | 'end';
  backward: boolean;
  structuredIds: boolean;
  filter: Filter | undefined;
  /** Undefined: a subscription. */
  limit: number | undefined;
}>;

const BACKWARD = 1;

const fromOfStream = (options: ReadReq.Options.StreamOptions): Asked['from'] => {
  if (options.hasStart()) return 'start';
  return options.hasEnd() ? 'end' : safe(options.getRevision());
};

const fromOfAll = (options: ReadReq.Options.AllOptions): Asked['from'] => {
  if (options.hasStart()) return 'start';
  return options.hasEnd() ? 'end' : safe(options.getPosition()?.getCommitPosition() ?? '0');
};

const whereOf = (options: Options): Pick<Asked, 'stream' | 'from'> => {
  const one = options.getStream();
  if (one) return { stream: streamOf(one.getStreamIdentifier()), from: fromOfStream(one) };
  const all = options.getAll();
  if (!all) throw Refusal.malformed('the request says neither a stream nor everything');
  return { stream: undefined, from: fromOfAll(all) };
};

/** @throws Refusal */
export const askedOf = (options: Options | undefined): Asked => {
  if (!options) throw Refusal.malformed('the request does not say what to read');
  return {
    ...whereOf(options),
    backward: Number(options.getReadDirection()) === BACKWARD,
    structuredIds: options.getUuidOption()?.hasStructured() ?? false,
    filter: filterOf(options.getFilter()),
    limit: options.hasSubscription() ? undefined : safe(options.getCount()),
  };
};
