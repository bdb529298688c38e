import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LmdbLog } from '#store/lmdb-log.js';
import { faultsIn, recordsOf, type Acknowledged } from './appended.js';
import { Child, type Line } from './child.js';
import { Draws, seed } from './draws.js';

const KILLS = 10;
/** The moments of death follow from the seed. */
const draws = new Draws(seed);

const acknowledgedBy = (lines: readonly Line[]): readonly Acknowledged[] =>
  lines.filter((line) => 'ids' in line) as unknown as readonly Acknowledged[];

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
      child = Child.start('appender.js', [folder, String(1 + kill * 1_000_000), String(draws.below(3000))]);
      const enough = draws.below(30);
      const { lines } = child;
      await child.line(() => acknowledgedBy(lines).length >= enough);
      await pause(draws.below(25));
      await child.kill();
      acknowledged.push(...acknowledgedBy(lines));
      const log = await LmdbLog.open(folder);
      const records = await recordsOf(log);
      await log.close();
      expect(faultsIn(records, acknowledged)).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThan(KILLS);
  }, 60_000);
});
