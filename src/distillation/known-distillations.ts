import { Refused } from '#ledger/decider.js';
import { decode, fold } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { distillationStream, type Begun, type Distillation } from './domain/distillation.js';

const PREFIX = `${distillationStream.name}-`;

/** Every distillation in the order of their beginnings. */
export const knownDistillations = async (log: Log): Promise<readonly Begun[]> => {
  const known = new Map<string, Distillation>();
  for await (const { record } of log.readAll({ streamPrefix: PREFIX })) {
    const before = known.get(record.stream) ?? distillationStream.initial;
    known.set(record.stream, distillationStream.evolve(before, decode(distillationStream.events, record)));
  }
  return [...known.values()].flatMap((one) => (one.status === 'absent' ? [] : [one]));
};

/** @throws Refused, naming those there are */
export const findDistillation = async (log: Log, id: string): Promise<Begun> => {
  const { state } = await fold(log, distillationStream, id);
  if (state.status !== 'absent') return state;
  const names = (await knownDistillations(log)).map(({ config }) => config.distillation);
  throw new Refused(
    `distillation "${id}" does not exist; there ${names.length > 0 ? `are: ${names.join(', ')}` : 'is none'}`,
  );
};
