import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { faultsAfter } from './aftermath.js';
import { Child } from './child.js';
import { Draws, seed } from './draws.js';
import { canMount, SmallDisk, whenSkipped } from './small-disk.js';

const KIB = 1024;
/** The first try leaves up to so much room, which the workload needs more than; each later one up to so much more. */
const STEP_KIB = 64;
const TRIES = 6;

(canMount ? describe : describe.skip)(`a disk with little room (SEED=${seed})${whenSkipped}`, () => {
  let folder = '';
  let disk: SmallDisk | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'room-'));
    disk = SmallDisk.mount(folder, '1m');
  });
  afterEach(async () => {
    disk?.unmount();
    await rm(folder, { recursive: true });
  });

  it('wherever it runs out, loses nothing acknowledged, and all goes on when there is room', async () => {
    const draws = new Draws(seed);
    let refused = 0;
    for (let once = 0; once < TRIES; once += 1) {
      const data = join(folder, 'data');
      await mkdir(data);
      await disk?.fill((once * STEP_KIB + draws.below(STEP_KIB)) * KIB);
      const child = Child.start('workload.js', [data, '2']);
      await child.end('');
      refused += child.lines.filter((line) => 'refused' in line).length;
      await disk?.free();
      expect(await faultsAfter(data, [], child.lines)).toEqual([]);
      await rm(data, { recursive: true });
    }
    expect(refused).toBeGreaterThan(0);
  }, 120_000);
});
