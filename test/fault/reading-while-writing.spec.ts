import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Recorded } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { faultsIn, recordsOf, type Acknowledged } from './appended.js';
import { Child, type Line } from './child.js';

const READINGS = 12;

const acknowledgedBy = (lines: readonly Line[]): readonly Acknowledged[] =>
  lines.filter((line) => 'ids' in line) as unknown as readonly Acknowledged[];

describe('a log that another process appends to meanwhile', () => {
  let folder = '';
  let writer: Child;
  let log: LmdbLog;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reading-'));
    writer = Child.start('appender.js', [folder, '1', '300']);
    await writer.line(() => acknowledgedBy(writer.lines).length > 0);
    log = await LmdbLog.open(folder, { readOnly: true });
  });
  afterEach(async () => {
    await log.close();
    await writer.kill();
    await rm(folder, { recursive: true });
  });

  it('is read as it is at one moment: appends are whole, none acknowledged before is missing', async () => {
    let before = 0;
    for (let reading = 0; reading < READINGS; reading += 1) {
      const acknowledged = acknowledgedBy(writer.lines);
      const records = await recordsOf(log);
      expect(faultsIn(records, acknowledged)).toEqual([]);
      expect(records.length).toBeGreaterThan(before);
      await writer.line(({ position }) => Number(position) > records.length);
      before = records.length;
    }
  });

  it('is followed without gap, also when its writer is killed and another takes over', async () => {
    const stopping = new AbortController();
    const followed: Recorded[] = [];
    const following = (async () => {
      for await (const recorded of log.subscribe({ signal: stopping.signal })) followed.push(recorded);
    })();
    const first = acknowledgedBy(writer.lines);
    await writer.line(() => acknowledgedBy(writer.lines).length >= first.length + 20);
    await writer.kill();
    const earlier = acknowledgedBy(writer.lines);
    writer = Child.start('appender.js', [folder, '1000000', '300']);
    await writer.line(() => acknowledgedBy(writer.lines).length >= 20);
    const acknowledged = [...earlier, ...acknowledgedBy(writer.lines)];
    const last = Math.max(...acknowledged.map(({ position }) => position));
    while ((followed.at(-1)?.position ?? 0) < last) await new Promise((resolve) => setTimeout(resolve, 20));
    stopping.abort();
    await following;
    expect(followed.map(({ position }) => position)).toEqual(followed.map((_, index) => index + 1));
    const records = followed.slice(0, last).map(({ record }): Record => record);
    expect(faultsIn(records, acknowledged)).toEqual([]);
  });
});
