import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LogDamaged } from '#ledger/log.js';
import { dataFolder } from '#store/data-folder.js';
import { lmdbEntries } from '#store/lmdb-entries.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { several } from '../contract/proposing.js';
import { type } from '../e2e/command-line.js';

const PAGE_BYTES = 4096;
const RECORDS = 120;

/** Bytes that are random to whoever reads them, and the same every time. */
const noise = (bytes: number, seed: number): Buffer => {
  const blocks: Buffer[] = [];
  for (let at = 0; at * 32 < bytes; at += 1) blocks.push(createHash('sha256').update(`${seed}/${at}`).digest());
  return Buffer.concat(blocks).subarray(0, bytes);
};

describe('the file of a log, damaged', () => {
  let folder = '';
  let whole: Buffer;
  const data = (): string => join(folder, 'data');
  const path = (): string => join(dataFolder(data()).log, 'data.mdb');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'damaged-'));
    const log = await LmdbLog.open(dataFolder(data()).log);
    for (let at = 0; at < RECORDS; at += 10) await log.append(`stream-${at}`, 'no-stream', several(10));
    await log.close();
    whole = await readFile(path());
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Records that could be read, and what ended the reading. */
  const read = async (): Promise<{ count: number; error: unknown }> => {
    let count = 0;
    try {
      for await (const batch of lmdbEntries(dataFolder(data()).log)) count += batch.length;
    } catch (error) {
      return { count, error };
    }
    return { count, error: undefined };
  };

  it.each([0, 100, 4096, 8192, 40_000])('cut to %d bytes, is one finding of `verify`, not a crash', async (bytes) => {
    await writeFile(path(), whole.subarray(0, bytes));
    const { code, stdout, stderr } = await type(['verify', '--data', data()]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/✗ malformed at position 1: .*data\.mdb/);
    expect(stdout).toContain('NOT as it was written');
  });

  it('overwritten with noise, is one finding of `verify` and one line of `run list`', async () => {
    await writeFile(path(), noise(whole.length, 1));
    const { code, stdout } = await type(['verify', '--json', '--data', data()]);
    expect({ code, ok: JSON.parse(stdout).ok }).toEqual({ code: 1, ok: false });
    const list = await type(['run', 'list', '--data', data()]);
    expect({ code: list.code, lines: list.stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
  });

  it('with any one page overwritten, never ends the process that verifies it', async () => {
    let found = 0;
    for (let page = 2; page * PAGE_BYTES < whole.length; page += 1) {
      const bytes = Buffer.from(whole);
      noise(PAGE_BYTES, page).copy(bytes, page * PAGE_BYTES);
      await writeFile(path(), bytes);
      const { count, error } = await read();
      expect(count).toBeLessThanOrEqual(RECORDS);
      if (error === undefined) continue;
      expect(error).toBeInstanceOf(LogDamaged);
      expect((error as Error).message).toMatch(/^[^\n]*data\.mdb is damaged inside: [^\n]+; restore it from a backup$/);
      found += 1;
    }
    expect(found).toBeGreaterThan(0);
  });

  it('with one page overwritten, leaves every run unjudged instead of opening the log', async () => {
    for (let page = 2; page * PAGE_BYTES < whole.length; page += 1) {
      const bytes = Buffer.from(whole);
      noise(PAGE_BYTES, page).copy(bytes, page * PAGE_BYTES);
      await writeFile(path(), bytes);
      if ((await read()).error === undefined) continue;
      const { code, stdout } = await type(['verify', '--data', data()]);
      expect({ page, code }).toEqual({ page, code: 1 });
      expect(stdout).toContain('every run cannot be judged again');
    }
  });

  it('is given up where whoever reads it is not heard of any more', async () => {
    await writeFile(path(), whole);
    const entries = lmdbEntries(dataFolder(data()).log, 0, 1);
    await expect(entries.next()).rejects.toThrow(
      /data\.mdb is damaged inside: the reading of it does not come to an end/,
    );
  });

  it('is read whole where it is whole, while another process has it open', async () => {
    await writeFile(path(), whole);
    const log = await LmdbLog.open(dataFolder(data()).log);
    expect(await read()).toEqual({ count: RECORDS, error: undefined });
    await log.close();
  });
});
