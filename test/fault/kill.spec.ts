import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseRecord, type Record } from '#ledger/record.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { Child, type Line } from './child.js';

type Acknowledged = Readonly<{ stream: string; revision: number; position: number; ids: readonly string[] }>;

const KILLS = 10;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** SplitMix32: the moments of death follow from the seed. */
let state = seed;
const draw = (below: number): number => {
  state = (state + 0x9e3779b9) | 0;
  let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) % below;
};

const acknowledgedBy = (lines: readonly Line[]): readonly Acknowledged[] =>
  lines.filter((line) => 'ids' in line) as unknown as readonly Acknowledged[];

const readWhole = async (folder: string): Promise<readonly Record[]> => {
  const log = await LmdbLog.open(folder);
  const records: Record[] = [];
  try {
    for await (const { position, bytes } of log.readAll()) {
      expect(position).toBe(records.length + 1);
      records.push(parseRecord(bytes));
    }
  } finally {
    await log.close();
  }
  return records;
};

const checkGapless = (records: readonly Record[]): void => {
  const next = new Map<string, number>();
  for (const { stream, revision } of records) {
    expect(`${stream} ${revision}`).toBe(`${stream} ${next.get(stream) ?? 0}`);
    next.set(stream, revision + 1);
  }
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
};

/** Every append lies there whole: its events side by side, from the first to the last. */
const checkWhole = (records: readonly Record[]): void => {
  records.forEach((record, index) => {
    const { at, size } = record.data as { at: number; size: number };
    const last = records[index - at + size - 1];
    expect(last?.causationId).toBe(record.causationId);
    expect(last?.data).toMatchObject({ at: size - 1, size });
  });
};

describe(`a writer killed at any moment (SEED=${seed})`, () => {
  let folder = '';
  let child: Child | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kill-'));
  });
  afterAll(async () => {
    await child?.kill();
    await rm(folder, { recursive: true });
  });

  it('loses no acknowledged event, leaves none half-written, and uses no place twice', async () => {
    const acknowledged: Acknowledged[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      child = Child.start('appender.js', [folder, String(1 + kill * 1_000_000), String(draw(3000))]);
      const enough = draw(30);
      const { lines } = child;
      await child.line(() => acknowledgedBy(lines).length >= enough);
      await pause(draw(25));
      await child.kill();
      acknowledged.push(...acknowledgedBy(lines));
      const records = await readWhole(folder);
      checkGapless(records);
      checkWhole(records);
      for (const { stream, revision, position, ids } of acknowledged) {
        const there = records.slice(position - ids.length, position);
        expect(there.map(({ id }) => id)).toEqual(ids);
        expect(there.at(-1)).toMatchObject({ stream, revision });
      }
    }
    expect(acknowledged.length).toBeGreaterThan(KILLS);
  }, 60_000);
});
