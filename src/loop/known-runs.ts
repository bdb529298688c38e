import { decode } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';
import { runStream, type Run, type Started } from '#run/domain/run.js';

/**
 * Every run in the order of their beginnings, as the log has them now.
 * @param until where to stop reading: the runs are then as they were right before that record
 */
export const knownRuns = async (
  log: Log,
  until: (record: Record) => boolean = () => false,
): Promise<readonly Started[]> => {
  const runs = new Map<string, Run>();
  for await (const { record } of log.readAll({ streamPrefix: `${runStream.name}-` })) {
    if (until(record)) break;
    const state = runs.get(record.stream) ?? runStream.initial;
    runs.set(record.stream, runStream.evolve(state, decode(runStream.events, record)));
  }
  return [...runs.values()].flatMap((run) => (run.status === 'absent' ? [] : [run]));
};
