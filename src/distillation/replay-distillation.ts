import { corpusStream, register } from '#corpus/domain/corpus.js';
import { service } from '#doors/actors.js';
import { outcomeDigest } from '#ledger/digest.js';
import { decide, fold } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { canonicalJson, type Record } from '#ledger/record.js';
import { distillationStream, nextStep, startDistillation, type Begun } from './domain/distillation.js';
import { findDistillation } from './known-distillations.js';
import type { DistillationPorts } from './ports.js';
import { contextOf, takeStep } from './take-step.js';

/** The first event that comes out otherwise, and where in it. */
export type DistillationDivergence = Readonly<{
  revision: number;
  type: string;
  field: string;
  recorded: string;
  found: string;
}>;
export type DistillationReplay = Readonly<{
  distillation: string;
  equal: boolean;
  /** Events that came out the same, of those recorded. */
  matched: number;
  events: number;
  divergence: DistillationDivergence | null;
}>;

export const divergenceOf = (recorded: Record, found: Record | undefined): DistillationDivergence => {
  const { revision, type, data } = recorded;
  // Fields of different events, or of none, have nothing to do with each other.
  if (found?.type !== type) return { revision, type, field: 'type', recorded: type, found: found?.type ?? 'nothing' };
  const other = found.data;
  const shown = (value: unknown): string => (value === undefined ? 'absent' : canonicalJson(value));
  const field = Object.keys({ ...data, ...other }).find(
    (name) => name !== 'env' && shown(data[name]) !== shown(other[name]),
  );
  if (field !== undefined) return { revision, type, field, recorded: shown(data[field]), found: shown(other[field]) };
  return { revision, type, field: 'version', recorded: String(recorded.version), found: String(found.version) };
};

/**
 * Trains teacher and students again from the log alone, traces, aligns and examines them, and compares every event.
 * @param scratch where it is done again; it reads what the log names and is gone with the process
 * @throws Refused when there is no such distillation, and what the steps throw
 */
export const replayDistillation = async (
  log: Log,
  scratch: DistillationPorts,
  id: string,
): Promise<DistillationReplay> => {
  const { records, state } = await fold(log, distillationStream, id);
  if (state.status === 'absent') await findDistillation(log, id);
  const { config, experiment, inputs } = state as Begun;
  const { registered } = (await fold(log, corpusStream, config.general)).state;
  const by = { actor: service };
  if (registered) await decide(scratch.ledger, corpusStream, config.general, register(registered), by);
  await decide(scratch.ledger, distillationStream, id, startDistillation({ config, experiment, ...inputs }), by);
  let begun = await findDistillation(scratch.ledger.log, id);
  const context = await contextOf(scratch, begun);
  for (let matched = 1; matched < records.length; matched += 1) {
    await takeStep(context, begun, nextStep(begun));
    const again = await fold(scratch.ledger.log, distillationStream, id);
    const [recorded, found] = [records[matched] as Record, again.records[matched]];
    if (!found || outcomeDigest(found) !== outcomeDigest(recorded)) {
      const divergence = divergenceOf(recorded, found);
      return { distillation: id, equal: false, matched, events: records.length, divergence };
    }
    begun = again.state as Begun;
  }
  return { distillation: id, equal: true, matched: records.length, events: records.length, divergence: null };
};
