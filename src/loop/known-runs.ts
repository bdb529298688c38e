import { decode, streamName } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { runStream, type Run, type Started } from '#run/domain/run.js';

/** Every run as the log had it right before a run started (or has it now), in the order of their beginnings. */
export const knownRuns = async (log: Log, before?: string): Promise<readonly Started[]> => {
  const runs = new Map<string, Run>();
  for await (const { record } of log.readAll({ streamPrefix: `${runStream.name}-` })) {
    if (before !== undefined && record.stream === streamName(runStream, before)) break;
    const state = runs.get(record.stream) ?? runStream.initial;
    runs.set(record.stream, runStream.evolve(state, decode(runStream.events, record)));
  }
  return [...runs.values()].flatMap((run) => (run.status === 'absent' ? [] : [run]));
};
