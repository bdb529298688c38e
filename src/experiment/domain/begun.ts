import { DistillationStarted } from '#distillation/domain/events.js';
import { RunStarted } from '#run/domain/update-events.js';

/** A run or a distillation that began, and the general text that it is of. */
export type Begun = Readonly<{ kind: 'run' | 'distillation'; name: string; general: string }>;

type Record = Parameters<typeof RunStarted.decode>[0];

export const BEGINNINGS: readonly string[] = [RunStarted.type, DistillationStarted.type];

/** What a record says that it began; undefined where it is of something else. */
export const beginningIn = (record: Record): Begun | undefined => {
  if (record.type === DistillationStarted.type) {
    const { distillation, general } = DistillationStarted.decode(record).data.config;
    return { kind: 'distillation', name: distillation, general };
  }
  if (record.type !== RunStarted.type) return undefined;
  const { run, general } = RunStarted.decode(record).data.config;
  return { kind: 'run', name: run, general };
};
