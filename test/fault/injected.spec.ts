import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Draws, seed } from './draws.js';
import { bothFolders, type Faulting } from './injections.js';
import { noTrace } from './traced.js';

/** In each folder; `npm run test:faults` takes them all. */
const SAMPLED = 7;
const whenSkipped = noTrace === undefined ? '' : ` [skipped: ${noTrace}]`;

(noTrace === undefined ? describe : describe.skip)(`faults at calls of the system (SEED=${seed})${whenSkipped}`, () => {
  let folders: readonly Faulting[] = [];
  beforeAll(async () => {
    folders = await bothFolders();
  }, 120_000);
  afterAll(async () => {
    for (const folder of folders) await folder.remove();
  });

  it('meet a workload that does all it is to do when there are none', () => {
    for (const { undisturbed } of folders) {
      expect(undisturbed).toMatchObject({ errors: '', ended: 'by itself' });
      expect(undisturbed.lines.filter((line) => 'refused' in line)).toEqual([]);
      expect(undisturbed.lines.at(-1)).toMatchObject({ did: 'close' });
    }
  });

  it('find everything on the disk that was acknowledged', () => {
    for (const { before, unflushed } of folders) expect([before.name, unflushed]).toEqual([before.name, []]);
  });

  it('lose nothing that was acknowledged, leave nothing half-written and use no position twice', async () => {
    const draws = new Draws(seed);
    for (const folder of folders)
      for (const injection of draws.some(folder.injections, SAMPLED)) {
        const outcome = await folder.inject(injection);
        expect(outcome).toEqual({ injection, struck: true, ended: outcome.ended, faults: [] });
      }
  }, 240_000);
});
