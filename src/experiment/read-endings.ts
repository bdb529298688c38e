import { decode } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { runEvents, type RunEvent } from '#run/domain/events.js';
import { runStream } from '#run/domain/run.js';
import { endingOf, type Ending } from './domain/ending.js';
import type { PlannedRun } from './domain/planned-runs.js';

/** How the planned runs ended that are at their end. @param before as the log was before this position */
export const readEndings = async (
  log: Log,
  planned: readonly PlannedRun[],
  before = Infinity,
): Promise<readonly Ending[]> => {
  const endings: Ending[] = [];
  for (const one of planned) {
    const events: RunEvent[] = [];
    for await (const { position, record } of log.readStream(`${runStream.name}-${one.run}`)) {
      if (position >= before) break;
      events.push(decode(runEvents, record));
    }
    const ending = endingOf(one, events);
    if (ending) endings.push(ending);
  }
  return endings;
};
