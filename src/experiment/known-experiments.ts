import { DistillationStarted } from '#distillation/domain/events.js';
import { Refused } from '#ledger/decider.js';
import { decode } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { leafHex } from '#ledger/merkle.js';
import { runEvents } from '#run/domain/events.js';
import { experimentStream, type Registered, type Surroundings } from './domain/experiment.js';
import { plannedRuns, seedsFrom, type PlannedRun } from './domain/planned-runs.js';

/** A registered experiment as the log has it. */
export type KnownExperiment = Readonly<{
  state: Registered;
  /** Leaf hash of the record of its registration, hex. */
  leaf: string;
  /** The leaf hash that its seeds follow from: its own, or that of the experiment that it is paired with. */
  seedLeaf: string;
  /** Position of that record, and when it was registered by whom. */
  position: number;
  since: string;
  by: string;
  planned: readonly PlannedRun[];
}>;

const PREFIX = `${experimentStream.name}-`;

/** Every experiment in the order of their registration. */
export const knownExperiments = async (log: Log): Promise<readonly KnownExperiment[]> => {
  const known = new Map<string, Omit<KnownExperiment, 'planned' | 'seedLeaf'>>();
  for await (const { position, record, bytes } of log.readAll({ streamPrefix: PREFIX })) {
    const before = known.get(record.stream);
    const state = experimentStream.evolve(
      before?.state ?? experimentStream.initial,
      decode(experimentStream.events, record),
    );
    if (state.status === 'absent') continue;
    const { recordedAt: since, actor } = record;
    const leaf = before?.leaf ?? leafHex(bytes);
    known.set(record.stream, { ...(before ?? { leaf, position, since, by: actor.id }), state });
  }
  return [...known.values()].map((one) => {
    const { registration } = one.state;
    const seedLeaf = known.get(`${PREFIX}${seedsFrom(registration)}`)?.leaf ?? one.leaf;
    return { ...one, seedLeaf, planned: plannedRuns(registration, seedLeaf) };
  });
};

/** @throws Refused, naming those there are */
export const findExperiment = async (log: Log, id: string): Promise<KnownExperiment> => {
  const all = await knownExperiments(log);
  const found = all.find(({ state }) => state.registration.experiment === id);
  if (found) return found;
  const names = all.map(({ state }) => state.registration.experiment);
  throw new Refused(
    `experiment "${id}" is not registered; there ${names.length > 0 ? `are: ${names.join(', ')}` : 'is none'}`,
  );
};

/** Names of the runs that began. */
const begunRuns = async (log: Log): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { record } of log.readAll({ types: ['RunStarted'] })) {
    const { type, data } = decode(runEvents, record);
    if (type === 'RunStarted') found.push(data.config.run);
  }
  return found;
};

/** Names of the distillations that began. */
const begunDistillations = async (log: Log): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { record } of log.readAll({ types: [DistillationStarted.type] }))
    found.push(DistillationStarted.decode(record).data.config.distillation);
  return found;
};

/** What a registration under this name has to keep clear of, and to agree with. */
export const surroundingsOf = async (log: Log, id: string): Promise<Surroundings> => {
  const registrations = (await knownExperiments(log)).map(({ state }) => state.registration);
  return {
    runs: new Set([...(await begunRuns(log)), ...(await begunDistillations(log))]),
    others: registrations.filter(({ experiment }) => experiment !== id),
  };
};
