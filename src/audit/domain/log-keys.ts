import { Refused } from '#ledger/decider.js';
import type { EventOf } from '#ledger/event.js';
import { KeyRotated } from './log-events.js';

/** The log's key as its records have it; absent while it has its first one. */
export type LogKeys = Readonly<{ logKey?: string }>;

type Rotation = EventOf<typeof KeyRotated>['data'];

/** Replaces the log's key by one that the old key has signed for. */
export const rotateKey =
  (rotation: Rotation) =>
  ({ logKey }: LogKeys): readonly EventOf<typeof KeyRotated>[] => {
    const { oldKey, newKey } = rotation;
    if (logKey === newKey)
      throw new Refused('key: the last rotation is not signed yet; the next checkpoint completes it, within seconds');
    if (logKey !== undefined && logKey !== oldKey)
      throw new Refused(`key: the log's key is ${logKey} and not ${oldKey}; name the file that has it`);
    return [KeyRotated.of(rotation)];
  };
