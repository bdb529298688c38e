import { describe, expect, it } from '@jest/globals';
import { recordSchema } from '#ledger/record.js';
import { CountedClock } from './counted-clock.js';
import { CountedIds } from './counted-ids.js';
import { RandomIds } from './random-ids.js';
import { SystemClock } from './system-clock.js';

const { id, recordedAt } = recordSchema.shape;
const hundred = <T>(next: () => T): readonly T[] => Array.from({ length: 100 }, next);

describe('ids', () => {
  it.each([
    ['random', () => new RandomIds()],
    ['counted', () => new CountedIds(0xffff_ffff_ff00)],
  ])('%s ones are UUIDs, each its own', (_, make) => {
    const ids = make();
    const names = hundred(() => ids.next());
    for (const name of names) expect(id.parse(name)).toBe(name);
    expect(new Set(names).size).toBe(100);
  });

  it('counted ones are the same in every execution', () => {
    const [one, two] = [new CountedIds(), new CountedIds()];
    expect(one.next()).toBe('00000000-0000-4000-8000-000000000001');
    expect(hundred(() => two.next()).slice(1)).toEqual(hundred(() => one.next()).slice(0, 99));
  });
});

describe('clocks', () => {
  it.each([
    ['of the machine', () => new SystemClock()],
    ['that count', () => new CountedClock()],
  ])('%s give times a record takes, and never go back', (_, make) => {
    const clock = make();
    const times = hundred(() => clock.now());
    for (const time of times) expect(recordedAt.parse(time)).toBe(time);
    expect(times.toSorted()).toEqual(times);
    const elapsed = hundred(() => clock.elapsedMs());
    expect(elapsed.toSorted((a, b) => a - b)).toEqual(elapsed);
  });

  it('that count are the same in every execution', () => {
    expect(new CountedClock().now()).toBe('2000-01-01T00:00:00.000Z');
    const clock = new CountedClock('2025-06-01T12:00:00.000Z');
    clock.now();
    expect(clock.now()).toBe('2025-06-01T12:00:01.000Z');
  });
});
