import type { Artifacts } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { decide, fold, type By, type Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { shadowDefinitionSchema, type ShadowDefinition } from './domain/draw.js';
import { unitsSchema, type ItemSet } from './domain/items.js';
import { query, remainingQueries, suiteStream, type Query, type SealedSuite } from './domain/suite.js';

const textOf = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** A sealed suite as the log has it. @throws Refused when no suite has this name */
export const findSuite = async (
  log: Log,
  suite: string,
): Promise<Readonly<{ sealed: SealedSuite; remaining: number }>> => {
  const { state } = await fold(log, suiteStream, suite);
  if (!state.sealed) throw new Refused(`suite ${suite} is not sealed in this log`);
  return { sealed: state.sealed, remaining: remainingQueries(state) };
};

/** Items of a suite that holds them (scout, gate, report), checked against their hashes. */
export const loadItems = async (artifacts: Artifacts, sealed: SealedSuite): Promise<ItemSet> => {
  if (sealed.unitsArtifact === null)
    throw new Refused(`suite ${sealed.suite} holds no items: they are drawn from its definition with a seed`);
  const sequences = await artifacts.get(sealed.itemsArtifact);
  return { sequences, units: unitsSchema.parse(textOf(await artifacts.get(sealed.unitsArtifact))) };
};

/** Generator definition of a drawn (shadow) suite. */
export const loadDefinition = async (artifacts: Artifacts, sealed: SealedSuite): Promise<ShadowDefinition> => {
  if (sealed.unitsArtifact !== null) throw new Refused(`suite ${sealed.suite} holds its items: it is not drawn`);
  return shadowDefinitionSchema.parse(textOf(await artifacts.get(sealed.itemsArtifact)));
};

/** Records one use of a suite before its items are evaluated. @throws Refused, as the decision says */
export const querySuite = async (ledger: Ledger, suite: string, use: Omit<Query, 'by'>, by: By): Promise<void> => {
  await decide(ledger, suiteStream, suite, query({ ...use, by: by.actor.kind }), by);
};
