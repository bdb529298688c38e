import { distillationStream } from '#distillation/domain/distillation.js';
import type { DistillationEvent } from '#distillation/domain/events.js';
import { decode } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { runEvents, type RunEvent } from '#run/domain/events.js';
import { runStream } from '#run/domain/run.js';
import { endingOfStudent } from './domain/distilled.js';
import { endingOf, type Ending } from './domain/ending.js';
import type { PlannedRun } from './domain/planned-runs.js';

const distillationEventsOf = async (log: Log, id: string, before: number): Promise<readonly DistillationEvent[]> => {
  const events: DistillationEvent[] = [];
  for await (const { position, record } of log.readStream(`${distillationStream.name}-${id}`)) {
    if (position >= before) break;
    events.push(decode(distillationStream.events, record));
  }
  return events;
};

/** How the planned runs ended that are at their end. @param before as the log was before this position */
export const readEndings = async (
  log: Log,
  planned: readonly PlannedRun[],
  before = Infinity,
): Promise<readonly Ending[]> => {
  const endings: Ending[] = [];
  for (const one of planned) {
    if (one.distillation) {
      const ending = endingOfStudent(one, await distillationEventsOf(log, one.run, before));
      if (ending) endings.push(ending);
      continue;
    }
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
