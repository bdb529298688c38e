import { setTimeout as pause } from 'node:timers/promises';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { PgliteSql } from '#store/sql-pglite.js';
import { follow, MigrationFolder } from './following.js';

// The same endless log in every life of this process, followed into the folder until the process is killed.
const [, , folder = ''] = process.argv;
const log = new MemoryLog();
const ids = new CountedIds(0x111_0000);
const grow = async (count: number): Promise<void> => {
  for (let at = 0; at < count; at += 1) {
    const id = ids.next();
    const actor = { kind: 'service', id: 'child', build: 'test' } as const;
    const times = { recordedAt: '2025-01-02T03:04:05.678Z', causationId: id, correlationId: id };
    await log.append('s', 'any', [
      { id, type: 'Happened', version: 1, actor, ...times, data: { note: 'x'.repeat(99) } },
    ]);
  }
};
await grow(2000);
const { follower } = follow(log, new PgliteSql(folder), new MigrationFolder(), { batch: 5 });
for (;;) {
  process.stdout.write(`${follower.position}\n`);
  await pause(1);
}
