import { createContext, Script } from 'node:vm';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { Refusal } from './refusal.js';

type FilterOptions = ReadReq.Options.FilterOptions;
type Named = Readonly<{ stream: string; type: string }>;

/** Which events pass; after how many that were looked at a subscriber is told its place. */
export type Filter = Readonly<{ passes: (event: Named) => boolean; checkpointEvery: number }>;

/** What a client means that names no window. */
const WINDOW = 32;
const LONGEST_PATTERN = 1000;
/** A pattern that needs longer for one name is given up: some need years. */
const MOST_MS = 100;
const MOST_REMEMBERED = 10_000;

const compiled = (source: string): RegExp => {
  if (source.length > LONGEST_PATTERN)
    throw Refusal.malformed(`filter: a pattern may have ${LONGEST_PATTERN} characters, this one has ${source.length}`);
  try {
    return new RegExp(source, 'u');
  } catch {
    throw Refusal.malformed(`filter: ${source} is no regular expression as JavaScript has them`);
  }
};

/** Matches names, each once, under a limit of time. */
const matcher = (source: string): ((name: string) => boolean) => {
  const state = { pattern: compiled(source), name: '' };
  const context = createContext(state);
  const script = new Script('pattern.test(name)');
  const remembered = new Map<string, boolean>();
  return (name) => {
    const before = remembered.get(name);
    if (before !== undefined) return before;
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    state.name = name;
    try {
      const matches = script.runInContext(context, { timeout: MOST_MS }) as boolean;
      remembered.set(name, matches);
      return matches;
    } catch {
      throw Refusal.malformed(`filter: ${source} takes more than ${MOST_MS} ms for one name`);
    }
  };
};

/** @throws Refusal */
export const filterOf = (options: FilterOptions | undefined): Filter | undefined => {
  if (!options) return undefined;
  const byStream = options.hasStreamIdentifier();
  const expression = byStream ? options.getStreamIdentifier() : options.getEventType();
  if (!expression) throw Refusal.malformed('filter: it names neither streams nor types');
  const source = expression.getRegex();
  const prefixes = expression.getPrefixList();
  const matches =
    source === '' ? (name: string) => prefixes.some((prefix) => name.startsWith(prefix)) : matcher(source);
  const window = options.hasMax() ? options.getMax() : WINDOW;
  return {
    passes: ({ stream, type }) => matches(byStream ? stream : type),
    checkpointEvery: Math.max(1, window * options.getCheckpointintervalmultiplier()),
  };
};
