import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { Refusal } from './refusal.js';

type FilterOptions = ReadReq.Options.FilterOptions;
type Named = Readonly<{ stream: string; type: string }>;

/** Which events pass; after how many that were looked at a subscriber is told its place. */
export type Filter = Readonly<{ passes: (event: Named) => boolean; checkpointEvery: number }>;

/** What a client means that names no window. */
const WINDOW = 32;
const LONGEST_PATTERN = 1000;
/** With so many repetitions, none of them of a group, no name takes long; with more, some take years. */
const MOST_REPETITIONS = 3;
const MOST_OPTIONS = 16;

/** One by one: an escape, a class of characters, or a character. */
const PARTS = /\\.|\[(?:\\.|[^\]\\])*\]|[^]/gu;
const REPEATS = ['*', '+', '{'];

const isCostly = (source: string): boolean => {
  const parts = source.match(PARTS) ?? [];
  const repeats = parts.filter((part) => REPEATS.includes(part)).length;
  const options = parts.filter((part) => part === '?').length;
  const repeatsGroup = parts.some((part, at) => part === ')' && REPEATS.includes(parts[at + 1] ?? ''));
  const refersBack = parts.some((part) => /^\\[1-9k]/.test(part));
  return repeats > MOST_REPETITIONS || options > MOST_OPTIONS || repeatsGroup || refersBack;
};

/** @throws Refusal */
const compiled = (source: string): RegExp => {
  if (source.length > LONGEST_PATTERN)
    throw Refusal.malformed(`filter: a pattern may have ${LONGEST_PATTERN} characters, this one has ${source.length}`);
  if (isCostly(source))
    throw Refusal.malformed(
      `filter: ${source}: at most ${MOST_REPETITIONS} of * + {} and ${MOST_OPTIONS} of ? are taken, none that repeats a group, and no reference back`,
    );
  try {
    return new RegExp(source, 'u');
  } catch {
    throw Refusal.malformed(`filter: ${source} is no regular expression as JavaScript has them`);
  }
};

/** What a filter states: names of streams or of types, by a pattern or by how they begin. */
export type Stated = Readonly<{ by: 'stream' | 'type'; regex: string; prefixes: string[] }>;

type Expression = Readonly<{ getRegex(): string; getPrefixList(): string[] }>;
type Options = Readonly<{
  hasStreamIdentifier(): boolean;
  getStreamIdentifier(): Expression | undefined;
  getEventType(): Expression | undefined;
}>;

/** @throws Refusal for a pattern that is not taken */
export const passerOf = ({ by, regex, prefixes }: Stated): ((event: Named) => boolean) => {
  const pattern = regex === '' ? undefined : compiled(regex);
  return (event) => {
    const name = event[by];
    return pattern ? pattern.test(name) : prefixes.some((prefix) => name.startsWith(prefix));
  };
};

/** @throws Refusal */
export const statedIn = (options: Options | undefined): Stated | undefined => {
  if (!options) return undefined;
  const by = options.hasStreamIdentifier() ? 'stream' : 'type';
  const expression = by === 'stream' ? options.getStreamIdentifier() : options.getEventType();
  if (!expression) throw Refusal.malformed('filter: it names neither streams nor types');
  const stated = { by, regex: expression.getRegex(), prefixes: expression.getPrefixList() } as const;
  passerOf(stated);
  return stated;
};

/** @throws Refusal */
export const filterOf = (options: FilterOptions | undefined): Filter | undefined => {
  const stated = statedIn(options);
  if (!options || !stated) return undefined;
  const window = options.hasMax() ? options.getMax() : WINDOW;
  return {
    passes: passerOf(stated),
    checkpointEvery: Math.max(1, window * options.getCheckpointintervalmultiplier()),
  };
};
