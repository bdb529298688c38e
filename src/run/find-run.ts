import { Refused } from '#ledger/decider.js';
import { collect, fold } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';
import { runStream, type Started } from './domain/run.js';

export type FoundRun = Readonly<{ run: Started; records: readonly Record[] }>;

/** Names of all runs, in the order they were started. */
export const runNames = async (log: Log): Promise<readonly string[]> => {
  const starts = await collect(log.readAll({ types: ['RunStarted'] }));
  return starts.map(({ stream }) => stream.slice(runStream.name.length + 1));
};

/** @throws Refused, naming the runs there are */
export const findRun = async (log: Log, name: string): Promise<FoundRun> => {
  const { state, records } = await fold(log, runStream, name);
  if (state.status !== 'absent') return { run: state, records };
  const names = await runNames(log);
  throw new Refused(`run "${name}" does not exist; there ${names.length > 0 ? `are: ${names.join(', ')}` : 'is none'}`);
};
