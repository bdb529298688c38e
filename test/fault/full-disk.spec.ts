import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogUnwritable } from '#ledger/log.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { several } from '../contract/proposing.js';
import { Child } from './child.js';
import { canMount, SmallDisk, whenSkipped } from './small-disk.js';

const KIB = 1024;

describe('a disk that takes no more', () => {
  let folder = '';
  let child: Child | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'full-'));
  });
  afterEach(async () => {
    await child?.kill();
    await rm(folder, { recursive: true });
  });

  const refusalOf = async (writer: Child): Promise<{ refused: string; readable: number }> =>
    (await writer.line((line) => 'refused' in line)) as { refused: string; readable: number };

  const acknowledgedBy = (writer: Child): number =>
    Math.max(...writer.lines.map(({ position }) => Number(position ?? 0)));

  it('refuses writes, says so, keeps what it acknowledged readable, and opens again', async () => {
    child = Child.start('appender.js', [folder, '1', '4000'], 600);
    const { refused, readable } = await refusalOf(child);
    await child.kill();
    expect(refused).toContain(`the log in ${folder} cannot be written`);
    expect(refused).toContain('bytes free');
    expect(readable).toBe(acknowledgedBy(child));
    expect(readable).toBeGreaterThan(20);
    const log = await LmdbLog.open(folder);
    expect(log.head()).toBe(readable);
    expect(await log.append('later', 'no-stream', [await eventOf(log)])).toMatchObject({ position: readable + 1 });
    await log.close();
  }, 30_000);

  (canMount ? it : it.skip)(
    `goes on in the same process when there is room again${whenSkipped}`,
    async () => {
      const disk = SmallDisk.mount(folder, '1m');
      try {
        const filler = join(folder, 'filler');
        await writeFile(filler, Buffer.alloc(300 * KIB));
        child = Child.start('appender.js', [folder, '1', '4000']);
        const { readable } = await refusalOf(child);
        expect(readable).toBe(acknowledgedBy(child));
        await rm(filler);
        await child.end('go\n');
        expect(child.lines.at(-1)?.['later']).toMatchObject({ position: readable + 1 });
      } finally {
        disk.unmount();
      }
    },
    30_000,
  );

  (canMount ? it : it.skip)(
    `opens a log to read it, makes no new one, and says why${whenSkipped}`,
    async () => {
      const disk = SmallDisk.mount(folder, '1m');
      try {
        const there = join(folder, 'there');
        await (await LmdbLog.open(there)).close();
        await disk.fill();
        const log = await LmdbLog.open(there);
        expect({ isWriter: log.isWriter, head: log.head() }).toEqual({ isWriter: false, head: 0 });
        await expect(log.append('a', 'any', several(1))).rejects.toThrow(/there cannot be written: .*0 bytes free/);
        await log.close();
        const opening = LmdbLog.open(join(folder, 'new'));
        await expect(opening).rejects.toThrow(/new cannot be written: .*ENOSPC.*0 bytes free/);
        await rm(join(there, 'lock.mdb'));
        await disk.fill();
        await expect(LmdbLog.open(there)).rejects.toThrow(LogUnwritable);
        await disk.free();
        const later = await LmdbLog.open(there);
        expect(await later.append('a', 'any', several(1))).toMatchObject({ position: 1 });
        await later.close();
      } finally {
        disk.unmount();
      }
    },
    30_000,
  );
});

/** An event like those in the log, under an id of its own. */
const eventOf = async (log: LmdbLog) => {
  for await (const { record } of log.readAll({ limit: 1 })) {
    const { stream: _stream, revision: _revision, ...event } = record;
    return { ...event, id: event.id.replace(/^0/, 'f') };
  }
  throw new Error('the log is empty');
};
